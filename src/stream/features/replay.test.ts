import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { completeConfig, type Event, Kinds, kinds } from '../../domain/index.ts'
import { DAY, HOUR } from '../../foundation/base/index.ts'
import { State } from '../catalog/index.ts'
import type { Entry } from '../events/index.ts'
import { type FeatureAsk, Features, pointInTime, replayTo } from './index.ts'

const START = Date.UTC(2026, 0, 1)
const USERS = 4
const ITEMS = 6
const config = completeConfig().ranking

const catalogue: Entry[] = [
  ...Array.from(
    { length: USERS },
    (_, i): Entry => ({
      type: 'user',
      user: { id: `u${i}`, country: 'AT', ...(i > 0 && { age: 15 * i }) },
      at: START,
    }),
  ),
  ...Array.from(
    { length: ITEMS },
    (_, i): Entry => ({
      type: 'item',
      item: {
        id: `i${i}`,
        creator: `c${i % 2}`,
        categories: [`x${i % 3}`, 'all'].slice(i % 2),
        duration: i * 100,
        price: i,
      },
      at: START,
    }),
  ),
]

const event = (spread: number) =>
  fc
    .record({
      kind: fc.constantFrom(...Object.keys(kinds)),
      user: fc.option(fc.nat(USERS - 1), { nil: undefined }),
      item: fc.nat(ITEMS), // one more than there are: unknown
      at: fc.nat(spread),
      value: fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { nil: undefined }),
      completion: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    })
    .map(
      ({ user, item, at, value, completion, ...rest }): Omit<Event, 'id'> => ({
        ...rest,
        item: `i${item}`,
        at: START + at,
        receivedAt: START + at,
        country: 'DE',
        ...(user !== undefined && { user: `u${user}` }),
        ...(value !== undefined && { value }),
        ...(completion !== undefined && { completion }),
      }),
    )
const log = (spread: number) =>
  fc
    .array(event(spread), { minLength: 1, maxLength: 60 })
    .map((list) => list.map((one, i): Entry => ({ type: 'event', event: { ...one, id: `e${i}` } })))

function fresh() {
  const state = new State(new Kinds())
  return { state, features: new Features(state, config) }
}

function foldAll(entries: Iterable<Entry>) {
  const made = fresh()
  for (const entry of entries) made.state.apply(entry)
  return made
}

/** All columns of all items for each user and a stranger. */
function readAll(features: Features, at: number): Float32Array {
  const rows = Uint32Array.from({ length: ITEMS + 1 }, (_, row) => row) // the last one is nobody's
  const width = rows.length * features.names.length
  const out = new Float32Array((USERS + 1) * width)
  const ask: Omit<FeatureAsk, 'user'> = { at, surface: 'next', device: 'tv', country: 0, language: -1 }
  for (let user = -1; user < USERS; user++)
    features.read({ ...ask, user }, rows, out.subarray((user + 1) * width, (user + 2) * width))
  return out
}
const bytesOf = (values: Float32Array) => Buffer.from(values.buffer).toString('base64')

describe('replay', () => {
  it('equals live to the byte, however often features are read in between', () => {
    fc.assert(
      fc.property(log(40 * DAY), fc.nat(9), (events, every) => {
        const entries = [...catalogue, ...events]
        const replayed = foldAll(entries)
        const live = fresh()
        entries.forEach((entry, i) => {
          live.state.apply(entry)
          if (i % (every + 1) === 0) readAll(live.features, START + i * DAY)
        })
        const at = START + 50 * DAY
        expect(bytesOf(readAll(live.features, at))).toBe(bytesOf(readAll(replayed.features, at)))
        expect(bytesOf(readAll(live.features, at))).toBe(bytesOf(readAll(live.features, at)))
      }),
      { numRuns: 60 },
    )
  })

  it('gives at each event what a state of the earlier entries alone gives: no leakage', () => {
    fc.assert(
      fc.property(log(3 * DAY), (events) => {
        const entries = [...catalogue, ...events]
        const { state, features } = fresh()
        let passed = 0
        for (const entry of pointInTime(entries, state)) {
          if (entry.type === 'event' && passed % 7 === 0) {
            const earlier = foldAll(entries.slice(0, passed))
            expect(bytesOf(readAll(features, entry.event.at))).toBe(bytesOf(readAll(earlier.features, entry.event.at)))
          }
          passed++
        }
        expect(passed).toBe(entries.length)
        expect(bytesOf(readAll(features, START + 4 * DAY))).toBe(
          bytesOf(readAll(foldAll(entries).features, START + 4 * DAY)),
        )
      }),
      { numRuns: 30 },
    )
  })

  it('folds up to a moment, by when events happened or by when they were received', () => {
    const one = (id: string, at: number, receivedAt: number): Entry => ({
      type: 'event',
      event: { id, kind: 'click', user: 'u0', item: 'i0', at, receivedAt },
    })
    const entries = [
      ...catalogue,
      one('a', START + 1, START + 1),
      one('late', START + 2, START + 90),
      one('b', START + 80, START + 80),
    ]
    const count = (known: 'happened' | 'received', at: number) =>
      replayTo(entries, at, fresh().state, known) - catalogue.length
    expect([count('happened', START + 50), count('received', START + 50)]).toEqual([2, 1])
    expect([count('happened', START + 85), count('received', START + 85)]).toEqual([3, 2])
  })

  it('does not depend on the order of events, but for sessions, dismissals and what a click resets', () => {
    // A rank may turn on the last bit of a sum, which depends on the order of addition.
    const dependent = /^(session|fatigue|user\.history|user\.consumed|item\.rank)/
    fc.assert(
      fc.property(
        log(23 * HOUR).chain((events) =>
          fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
        ),
        ([events, shuffled]) => {
          const [one, other] = [events, shuffled].map((list) => foldAll([...catalogue, ...list]).features)
          const at = START + 25 * HOUR
          const [a, b] = [readAll(one!, at), readAll(other!, at)]
          const names = one!.names
          for (let i = 0; i < a.length; i++) {
            const name = names[i % names.length] as string
            if (dependent.test(name) || Math.abs(a[i]! - b[i]!) <= 1e-5 * Math.max(1, Math.abs(a[i]!))) continue
            expect.fail(`${name}: ${a[i]} in order, ${b[i]} shuffled`)
          }
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('every column', () => {
  it('is finite for odd values, times and rows, in the future, the past and the far future', () => {
    fc.assert(
      fc.property(log(4000 * DAY), fc.constantFrom(0, START, START + 5000 * DAY, 8.64e15), (events, at) => {
        const { features } = foldAll([...catalogue, ...events])
        const values = readAll(features, at)
        for (let i = 0; i < values.length; i++)
          if (!Number.isFinite(values[i])) expect.fail(`${features.names[i % features.names.length]} is ${values[i]}`)
      }),
      { numRuns: 100 },
    )
  })

  it('keeps to its range for absurd facts of items', () => {
    const facts = { price: 1e300, duration: 1e300, stock: 1e300, attributes: { series: 's', episode: 1e300 } }
    const { features } = foldAll([{ type: 'item', at: START, item: { id: 'absurd', published: 8.64e15, ...facts } }])
    const values = readAll(features, START)
    for (const [i, name] of features.names.entries()) {
      const [least, greatest] = features.ranges[name] ?? [Number.NaN, Number.NaN]
      if (!(values[i]! >= least && values[i]! <= greatest)) expect.fail(`${name} is ${values[i]}`)
    }
  })

  it('keeps to the range that its definition states', () => {
    fc.assert(
      fc.property(log(4000 * DAY), fc.constantFrom(START, START + 5000 * DAY), (events, at) => {
        const { features } = foldAll([...catalogue, ...events])
        const values = readAll(features, at)
        for (let i = 0; i < values.length; i++) {
          const name = features.names[i % features.names.length] as string
          const [least, greatest] = features.ranges[name] ?? [Number.NaN, Number.NaN]
          const inside = values[i]! >= least - 1e-5 && values[i]! <= greatest + 1e-5
          if (!inside) expect.fail(`${name} is ${values[i]}, not ${least} to ${greatest}`)
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('privacy', () => {
  const withoutUser = (entries: readonly Entry[]) =>
    entries.map((entry): Entry => {
      if (entry.type !== 'event' || entry.event.user !== 'u0') return entry
      const { user: _, ...event } = entry.event
      return { type: 'event', event }
    })
  const columnsOfUser = (features: Features, values: Float32Array) =>
    values.filter((_, i) =>
      /^(user|session|affinity|fatigue)/.test(features.names[i % features.names.length] as string),
    )
  /** Values read for user 0 and for user 1, as blocks of `readAll`. */
  const block = (values: Float32Array, user: number) => {
    const size = values.length / (USERS + 1)
    return values.slice((user + 1) * size, (user + 2) * size)
  }

  it('leaves nothing of a forgotten user: their columns are a stranger’s, all others as if they had been anonymous', () => {
    fc.assert(
      fc.property(log(3 * DAY), (events) => {
        const at = START + 4 * DAY
        const { state, features } = foldAll([...catalogue, ...events])
        state.forget('u0')
        const values = readAll(features, at)
        expect(block(values, 0)).toEqual(block(values, -1))
        const anonymous = foldAll([...catalogue, ...withoutUser(events)])
        const others = readAll(anonymous.features, at)
        for (const user of [1, 2, 3])
          expect(columnsOfUser(features, block(values, user))).toEqual(columnsOfUser(features, block(others, user)))
        const { histories } = features
        expect(histories.length(0) + histories.consumed.length(0) + histories.dismissed.length(0)).toBe(0)
      }),
      { numRuns: 100 },
    )
  })

  it('keeps nothing of a user who opted out, before or after, and counts their events for the items', () => {
    fc.assert(
      fc.property(log(3 * DAY), fc.nat(60), (events, when) => {
        const at = START + 4 * DAY
        const optOut: Entry = { type: 'user', user: { id: 'u0', country: 'AT', optOut: true }, at: START }
        const entries = [...catalogue, ...events.slice(0, when), optOut, ...events.slice(when)]
        const { features } = foldAll(entries)
        const values = readAll(features, at)
        expect(block(values, 0)).toEqual(block(values, -1))
        const anonymous = readAll(foldAll([...catalogue, ...withoutUser(events)]).features, at)
        expect(block(values, -1)).toEqual(block(anonymous, -1))
      }),
      { numRuns: 100 },
    )
  })
})
