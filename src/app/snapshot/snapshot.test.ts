import fc from 'fast-check'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manualClock, Random, visitArrays } from '../../foundation/base/index.ts'
import { memoryJournal } from '../../foundation/store/index.ts'
import { completeConfig, type SlateRequest } from '../../domain/index.ts'
import { type Entry, EventLog } from '../../stream/events/index.ts'
import { createWorld } from '../../world/index.ts'
import { Ingest } from '../ingest/ingest.ts'
import { createParts } from '../parts.ts'
import { Slates } from '../serve/slates.ts'
import { shapeOf, Snapshots } from './snapshots.ts'

const END = Date.UTC(2026, 5, 1)
const config = completeConfig({ retrieval: { slimItems: 50 } })
const mark = { next: 0, segments: [], tail: 0 }
const folder = mkdtempSync(join(tmpdir(), 'sluice-state-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A world's history with items that change, leave and come back, and users who opt out. */
function history(): Entry[] {
  const random = new Random('history')
  const entries: Entry[] = []
  const items: Extract<Entry, { type: 'item' }>[] = []
  for (const made of createWorld({ users: 60, items: 150, days: 6, events: 4000, end: END }).entries()) {
    entries.push(
      made.type === 'event'
        ? { type: 'event', event: { ...made.event, at: made.event.at as number, receivedAt: made.event.at as number } }
        : made,
    )
    if (made.type === 'item') items.push(made)
    if (made.type === 'user' && random.chance(0.1)) entries.push({ ...made, user: { ...made.user, optOut: true } })
    if (made.type !== 'event' || !random.chance(0.05)) continue
    const known = random.pick(items)
    const at = made.event.at as number
    if (random.chance(0.3)) entries.push({ type: 'item-deleted', id: known.item.id, at })
    else {
      const attributes = { [`a${random.int(4)}`]: random.pick([1, 'word', true]) }
      entries.push({ type: 'item', item: { ...known.item, title: `Changed ${random.int(99)}`, attributes }, at })
    }
  }
  return entries
}

function wire() {
  const parts = createParts(config, manualClock(END))
  const log = new EventLog(memoryJournal(), { pendingMax: 1 })
  const ingest = new Ingest(parts, log, () => undefined)
  return {
    parts,
    ingest,
    slates: new Slates(parts, undefined, { metrics: undefined, watch: undefined }, 'digest', () => false),
  }
}
type Wired = ReturnType<typeof wire>

function fold({ ingest }: Wired, entries: readonly Entry[], from: number, to: number): void {
  for (let seq = from; seq < to; seq++) ingest.replay(Object.assign({ seq }, entries[seq] as Entry))
}

/** Every array, by path, as bytes. */
function arraysOf({ ingest }: Wired): Map<string, Buffer> {
  const arrays = new Map<string, Buffer>()
  visitArrays(ingest, {
    array(path, held) {
      arrays.set(path, Buffer.from(held.buffer, held.byteOffset, held.byteLength))
      return held
    },
  })
  return arrays
}

function differences(one: Wired, other: Wired): string[] {
  const a = arraysOf(one)
  const b = arraysOf(other)
  return [...new Set([...a.keys(), ...b.keys()])].filter((path) => !b.get(path)?.equals(a.get(path) ?? Buffer.of(1)))
}

async function slatesOf({ slates, parts }: Wired): Promise<string> {
  const requests: SlateRequest[] = []
  for (let row = 0; row < parts.state.users.size; row += 7)
    requests.push({ surface: 'home', user: parts.state.users.ids.name(row), limit: 20 })
  for (let row = 0; row < parts.state.items.size; row += 19)
    requests.push({ surface: 'next', item: parts.state.items.ids.name(row), limit: 20 })
  requests.push({ surface: 'search', query: 'jazz' }, { surface: 'home' })
  const made = []
  for (const request of requests) {
    const { stages: _, ...slate } = await slates.make({ ...request, at: END, seed: 's' })
    made.push(slate)
  }
  return JSON.stringify(made)
}

describe('a state restored from a snapshot', () => {
  const entries = history()
  const snapshots = new Snapshots(join(folder, 'state'), shapeOf(config), undefined)
  const replayed = wire()
  beforeAll(() => fold(replayed, entries, 0, entries.length))

  async function restoredAt(position: number): Promise<Wired> {
    const early = wire()
    fold(early, entries, 0, position)
    await (await snapshots.draft(early.ingest, mark, position)).commit()
    const found = snapshots.find()
    if (!found) throw new Error('there is no snapshot')
    const again = wire()
    expect(snapshots.take(found, () => true, again.ingest)).toBe(true)
    expect(differences(again, early)).toEqual([])
    return again
  }

  it('and the entries after it equal the replay of all, byte for byte, wherever it was made', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(entries.length), async (position) => {
        const again = await restoredAt(position)
        fold(again, entries, position, entries.length)
        expect(differences(again, replayed)).toEqual([])
        expect(again.ingest.events).toBe(replayed.ingest.events)
      }),
      { numRuns: 8 },
    )
  })

  it('gives slates of equal bytes', async () => {
    const again = await restoredAt(Math.floor(entries.length / 2))
    fold(again, entries, Math.floor(entries.length / 2), entries.length)
    for (const { parts } of [again, replayed]) parts.build()
    const slates = await slatesOf(replayed)
    expect(slates.length).toBeGreaterThan(10_000)
    expect(await slatesOf(again)).toBe(slates)
  })

  it('remembers event ids: what was taken before is a duplicate after', async () => {
    const again = await restoredAt(entries.length)
    const known = entries.findLast((entry) => entry.type === 'event')
    if (known?.type !== 'event') throw new Error('the history has no event')
    const { receivedAt: _, ...event } = known.event
    expect(await again.ingest.takeEvents([event], { historical: true })).toMatchObject({ accepted: 0, duplicate: 1 })
  })
})
