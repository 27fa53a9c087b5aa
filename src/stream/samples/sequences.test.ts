import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Kinds } from '../../domain/index.ts'
import type { Entry } from '../events/index.ts'
import { catalogue, event } from './testing/ground.ts'
import { leaveOneOut, type Sequences, sequencesFrom, sequencesOf, splitSequencesByTime } from './index.ts'

const kinds = new Kinds()

describe('sequences', () => {
  it('stand in order of time, then of coming, each item once', () => {
    const { starts, item, at, users, items } = sequencesFrom([1, 0, 1, 1, 1], [7, 2, 5, 7, 6], [10, 3, 10, 20, 5])
    expect([users, items]).toEqual([2, 8])
    expect([...starts]).toEqual([0, 1, 4])
    expect([...item]).toEqual([2, 6, 7, 5])
    expect([...at]).toEqual([3, 5, 10, 10])
    expect([...sequencesFrom([0, 0], [1, 1], [1, 2], { first: false }).item]).toEqual([1, 1])
  })
  it('keep the near misses of the slate that each first consumption came from', () => {
    const log: Entry[] = [
      ...catalogue(2, 6),
      event('click', 20, { user: 'u0', item: 'i1', slate: 's2' }),
      event('click', 10, { user: 'u0', item: 'i2', slate: 's1' }), // earlier, and came later
      event('click', 30, { user: 'u0', item: 'i1', slate: 's1' }), // not the first time
      event('click', 5, { user: 'u1', item: 'i0' }),
    ]
    const missed: Record<string, string[]> = { s1: ['i3', 'gone', 'i4'], s2: ['i5'] }
    const { sequences, state } = sequencesOf(log, kinds, { near: (slate) => missed[slate] ?? [] })
    const { starts, item } = sequences.near as NonNullable<Sequences['near']>
    const nears = Array.from(sequences.item, (row, place) => [
      state.items.ids.name(row),
      Array.from(item.subarray(starts[place], starts[place + 1]), (near) => state.items.ids.name(near)),
    ])
    expect(nears).toEqual([
      ['i2', ['i3', 'i4']],
      ['i1', ['i5']],
      ['i0', []],
    ])
    expect(sequencesOf(log, kinds).sequences.near).toBeUndefined()
  })
  it('refuse what cannot be ordered, and take nothing', () => {
    expect(() => sequencesFrom([0], [0], [Number.NaN])).toThrow(RangeError)
    expect(() => sequencesFrom([0], [], [1])).toThrow(RangeError)
    expect(sequencesFrom([], [], []).users).toBe(0)
  })
})

const logs = fc
  .array(fc.tuple(fc.nat(4), fc.nat(7), fc.nat(30), fc.constantFrom('click', 'like', 'not-interested', 'impression')), {
    minLength: 2,
    maxLength: 40,
  })
  .map((rows): Entry[] => [
    ...catalogue(5, 8),
    ...rows.map(([user, item, seconds, kind]) => event(kind, seconds, { user: `u${user}`, item: `i${item}` })),
  ])

/** First consumptions by plain objects: user -> [item, time] in order of time, then of the journal. */
function plainSequences(log: readonly Entry[]): Map<string, [item: string, at: number][]> {
  const events = log.flatMap((entry) => (entry.type === 'event' ? [entry.event] : []))
  const byUser = new Map<string, [string, number][]>()
  for (const { kind, user, item, at } of events.sort((a, b) => a.at - b.at)) {
    if (kind !== 'click' && kind !== 'like') continue
    const list = byUser.get(user!) ?? []
    if (!list.some(([known]) => known === item)) list.push([item!, at])
    byUser.set(user!, list)
  }
  return byUser
}
type Asked = [user: string, items: string[]][]
function asked({ starts, item, users }: Sequences, testFrom: Uint32Array): Asked {
  const made: Asked = []
  for (let user = 0; user < users; user++) {
    const [start, from, end] = [starts[user]!, testFrom[user]!, starts[user + 1]!]
    if (from > start && from < end) made.push([`u${user}`, [...item.subarray(from, end)].map((row) => `i${row}`)])
  }
  return made
}

describe('splits', () => {
  it('leave one out: the last item of everybody with two', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const plain = [...plainSequences(log)].sort()
        const { sequences } = sequencesOf(log, kinds)
        const { testFrom, cold } = leaveOneOut(sequences, { validation: false })
        const wanted = plain.flatMap(([user, list]) => (list.length > 1 ? [[user, [list.at(-1)![0]]]] : []))
        expect(asked(sequences, testFrom)).toEqual(wanted)
        expect(cold).toBe(plain.filter(([, list]) => list.length === 1).length)
      }),
    )
  })
  it('by time: what lies from the moment on at which a share had happened', () => {
    fc.assert(
      fc.property(logs, fc.double({ min: 0.1, max: 0.95, noNaN: true }), (log, share) => {
        const plain = [...plainSequences(log)].sort()
        const times = plain.flatMap(([, list]) => list.map(([, at]) => at)).sort((a, b) => a - b)
        const at = times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
        const { sequences } = sequencesOf(log, kinds)
        const split = splitSequencesByTime(sequences, { knownShare: share })
        const wanted = plain.flatMap(([user, list]) => {
          const later = list.filter(([, time]) => time >= at)
          return later.length > 0 && later.length < list.length ? [[user, later.map(([item]) => item)]] : []
        })
        expect(split.at).toBe(at)
        expect(asked(sequences, split.testFrom)).toEqual(wanted)
        expect(split.cold).toBe(plain.filter(([, list]) => list.every(([, time]) => time >= at)).length)
      }),
    )
  })
  it('validation is the item before the test item', () => {
    const sequences = sequencesFrom([0, 0, 0, 1, 1, 2], [0, 1, 2, 0, 1, 0], [1, 2, 3, 1, 2, 1])
    const { validFrom, testFrom } = leaveOneOut(sequences)
    expect([...validFrom]).toEqual([1, 4, 6])
    expect([...testFrom]).toEqual([2, 4, 6])
  })
})
