import { afterAll, expect, it } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import { DAY } from '../../foundation/base/index.ts'
import type { Entry } from '../../stream/events/index.ts'
import { sequenceLesson } from './sequence-lesson.ts'
import { type WorldFolder, worldFolder } from './testing/world-folder.ts'
import { Workshop } from './workshop.ts'

const config = completeConfig()
const NOW = Date.UTC(2026, 0, 1)
const folders: WorldFolder[] = []
let number = 0
const ITEMS = 10

/** Sixty users consume the items in order, a day between two of each user. */
async function lessonOf(put: (row: number) => { published?: string; at: number }) {
  const folder = await worldFolder({ users: 20, items: 20, days: 1, events: 200, seed: `lesson ${number++}` })
  folders.push(folder)
  const items = Array.from({ length: ITEMS }, (_, row): Entry => {
    const { published, at } = put(row)
    return { type: 'item', item: { id: `i${row}`, ...(published && { published }) }, at }
  })
  const events = Array.from({ length: 60 * ITEMS }, (_, n): Entry => {
    const [user, row] = [n % 60, Math.floor(n / 60)]
    const at = NOW + row * DAY + user * 1000
    return {
      type: 'event',
      event: { id: `e${n}`, kind: 'click', user: `u${user}`, item: `i${row}`, at, receivedAt: at },
    }
  })
  await folder.write([...items, ...events])
  return sequenceLesson({ data: folder.data, config }, new Workshop(folder.data, config))
}

afterAll(async () => {
  for (const folder of folders) await folder.remove()
})

it('knows from when on an item is a negative: from its date on, or from when it was put', async () => {
  const { histories } = await lessonOf((row) => ({
    at: NOW + (row < 5 ? -1 : row - 0.5) * DAY,
    ...(row === 3 && { published: new Date(NOW + 2.75 * DAY).toISOString() }),
  }))
  const { since, at } = histories.times as NonNullable<typeof histories.times>
  const told = [...since].map((day) => day - (at[0] as number))
  expect(told.map((day) => Math.round(day * 100) / 100)).toEqual([
    ...[-1, -1, -1, 2.75, -1, 4.5, 5.5, 6.5],
    ...[Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY], // held out: learnt of nobody
  ])
})

it('says nothing of a catalogue that was put behind its events', async () => {
  const { histories } = await lessonOf(() => ({ at: NOW + 30 * DAY }))
  expect(histories.times).toBeUndefined()
})
