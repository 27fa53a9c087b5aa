import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { split } from '../../app/evaluate/protocols.ts'
import { Kinds } from '../../domain/index.ts'
import type { Entry } from '../events/index.ts'
import { catalogue, event } from './log.fixture.ts'
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
const numbered = (log: Entry[]) => () => log.map((entry, seq) => ({ seq, entry }))

describe('splits ask for what the protocols of evaluation ask for', () => {
  const asked = ({ starts, item }: Sequences, validFrom: Uint32Array, testFrom: Uint32Array) => {
    const wanted = new Map<string, Set<string>>()
    testFrom.forEach((from, user) => {
      if (from === starts[user + 1] || validFrom[user] === starts[user]) return
      wanted.set(`u${user}`, new Set([...item.subarray(from, starts[user + 1])].map((row) => `i${row}`)))
    })
    return wanted
  }
  it('leave one out', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const truth = split(numbered(log), kinds, 'leave-one-out', 0.8)
        const { sequences } = sequencesOf(log, kinds)
        const { validFrom, testFrom, cold } = leaveOneOut(sequences, { validation: false })
        expect(asked(sequences, validFrom, testFrom)).toEqual(truth.wanted)
        expect(cold).toBe(truth.cold)
      }),
    )
  })
  it('global time', () => {
    fc.assert(
      fc.property(logs, fc.double({ min: 0.1, max: 0.95, noNaN: true }), (log, share) => {
        const truth = split(numbered(log), kinds, 'time-split', share)
        const { sequences } = sequencesOf(log, kinds)
        const { validFrom, testFrom, cold, at } = splitSequencesByTime(sequences, { knownShare: share })
        if (truth.wanted.size + truth.cold > 0) expect(at).toBe(truth.at)
        expect(asked(sequences, validFrom, testFrom)).toEqual(truth.wanted)
        expect(cold).toBe(truth.cold)
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
