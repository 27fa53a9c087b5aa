import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Kinds } from '../../domain/index.ts'
import type { AppliedEvent } from '../catalog/index.ts'
import { HISTORY_LENGTH, Histories } from './index.ts'

const kinds = new Kinds()

function event(name: string, item: number, at: number, completion = Number.NaN): AppliedEvent {
  const kind = kinds.code(name)
  const strength = kinds.strength(kind, Number.NaN, completion)
  const consumes = kinds.specs[kind]?.consumes ?? false
  const facts = { value: Number.NaN, session: 0, position: -1, country: -1, band: 0, creator: -1 }
  return { ...facts, kind, strength, consumes, user: 1, item, at: at * 1000, completion }
}

function fold(...events: AppliedEvent[]): Histories {
  const histories = new Histories()
  for (const one of events) histories.apply(one)
  return histories
}

/** Latest first: [item, second]. */
const latest = (histories: Histories) =>
  Array.from({ length: histories.length(1) }, (_, back) => [histories.item(1, back), histories.at(1, back) / 1000])

describe('Histories', () => {
  it('keeps distinct items in time order; a late event finds its place', () => {
    const histories = fold(
      event('click', 7, 10),
      event('click', 8, 30),
      event('click', 9, 20),
      event('impression', 5, 40),
    )
    expect(latest(histories)).toEqual([
      [8, 30],
      [9, 20],
      [7, 10],
    ])
    expect([...histories.consumed.view(1)]).toEqual([7, 8, 9])
    expect(histories.lastConsumed(1, 9)).toBe(20_000)
    expect(histories.lastConsumed(1, 5)).toBe(-1)
  })

  it('moves an item consumed again to its latest moment, with the strongest signal and the greatest share', () => {
    const histories = fold(
      event('watch', 7, 10, 0.5),
      event('click', 8, 20),
      event('like', 7, 30),
      event('watch', 7, 25, 0.25),
    )
    expect(latest(histories)).toEqual([
      [7, 30],
      [8, 20],
    ])
    expect(kinds.names[histories.kind(1, 0)]).toBe('like')
    expect(histories.strength(1, 0)).toBe(3)
    expect(histories.completion(1, 0)).toBeCloseTo(0.5, 2)
    expect(histories.completion(1, 1)).toBeNaN()
  })

  it('takes a dismissed item out for good, and still calls it consumed', () => {
    const histories = fold(
      event('click', 7, 10),
      event('click', 8, 20),
      event('not-interested', 7, 30),
      event('like', 7, 40),
    )
    expect(latest(histories)).toEqual([[8, 20]])
    expect([...histories.dismissed.view(1)]).toEqual([7])
    expect(histories.consumed.includes(1, 7)).toBe(true)
  })

  it('forgets', () => {
    const histories = fold(event('click', 7, 10), event('report', 8, 20))
    histories.forget(1)
    expect(histories.length(1)).toBe(0)
    expect(histories.consumed.length(1) + histories.dismissed.length(1)).toBe(0)
  })

  it('holds the latest distinct items whatever the order of events', () => {
    const one = fc.record({ item: fc.nat(80), at: fc.nat(10_000) })
    // Distinct seconds: within one second the order of coming decides.
    const events = fc.uniqueArray(one, { maxLength: 150, selector: ({ at }) => at })
    fc.assert(
      fc.property(events, (list) => {
        const histories = fold(...list.map(({ item, at }) => event('click', item, at)))
        const lastOf = new Map<number, number>()
        for (const { item, at } of list) lastOf.set(item, Math.max(at, lastOf.get(item) ?? 0))
        const expected = [...lastOf].sort((a, b) => b[1] - a[1]).slice(0, HISTORY_LENGTH)
        expect(latest(histories)).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })
})
