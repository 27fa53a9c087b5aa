import { expect, it } from 'vitest'
import { Kinds } from '../../domain/index.ts'
import { DAY } from '../../foundation/base/index.ts'
import type { Entry } from '../../stream/events/index.ts'
import { retrievalData } from './retrieval-data.ts'

const NOW = Date.UTC(2026, 0, 1)

it('asks among the items that were there when the held item was consumed', () => {
  const item = (row: number, day: number, published?: number): Entry => ({
    type: 'item',
    item: {
      id: `i${row}`,
      ...(published !== undefined && { published: new Date(NOW + published * DAY).toISOString() }),
    },
    at: NOW + day * DAY,
  })
  let number = 0
  const click = (user: string, row: number, day: number): Entry => {
    const at = NOW + day * DAY
    return { type: 'event', event: { id: `e${number++}`, kind: 'click', user, item: `i${row}`, at, receivedAt: at } }
  }
  // i4 is dated; i5 comes when it is put; i6 is consumed before its date; i7 was put behind its events.
  const items = [...[0, 1, 2, 3].map((row) => item(row, -1)), item(4, -1, 5), item(5, 6), item(6, -1, 9), item(7, 30)]
  const events = [
    ...[0, 1, 2].map((row, i) => click('early', row, 1 + i)),
    ...[click('mid', 6, 4), click('mid', 7, 4.2), click('mid', 4, 5.5), click('mid', 5, 6.5), click('mid', 0, 7)],
    ...[1, 2, 3].map((row, i) => click('late', row, 9 + i)),
  ]
  const entries = [...items, ...events]
  const data = retrievalData(() => entries, new Kinds(), { history: 5, surfaces: ['home'], surface: 'home', seed: 'x' })
  const there = (user: string) => {
    const { test } = data.cases
    const index = test.users.indexOf(data.state.users.ids.find(user))
    const takesPart = test.there?.(index)
    return [...data.catalogue].filter((row) => takesPart?.(row)).map((row) => data.state.items.ids.name(row))
  }
  expect(there('early')).toEqual(['i0', 'i1', 'i2', 'i3', 'i7'])
  expect(there('late')).toEqual(['i0', 'i1', 'i2', 'i3', 'i4', 'i5', 'i6', 'i7'])
})
