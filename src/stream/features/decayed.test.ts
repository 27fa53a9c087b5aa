import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOf, DAY } from '../../foundation/base/index.ts'
import { DecayedPairs, DecayedRows, DecayScale } from './index.ts'

const START = Date.UTC(2026, 0, 1)

describe('DecayScale', () => {
  it('halves a weight per half-life, and weighs late events as if they had come in time', () => {
    const rows = new DecayedRows(new DecayScale(DAY))
    rows.add(0, 0, START)
    rows.add(0, 0, START - 2 * DAY, 8) // late: 8 / 4
    expect(rows.raw(0) * rows.scale.factor(START)).toBeCloseTo(3, 12)
    expect(rows.raw(0) * rows.scale.factor(START + DAY)).toBeCloseTo(1.5, 12)
    expect(rows.raw(0) * rows.scale.factor(START + 10 * DAY)).toBeCloseTo(3 / 1024, 12)
  })

  it('reads a moment before the newest event as the newest', () => {
    const rows = new DecayedRows(new DecayScale(DAY))
    rows.add(0, 0, START, 3)
    expect(rows.raw(0) * rows.scale.factor(0)).toBeCloseTo(3, 12)
  })

  it('stays finite and right while the landmark moves over thousands of half-lives', () => {
    const rows = new DecayedRows(new DecayScale(1000))
    const until = 3_000_000
    for (let at = 0; at <= until; at += 500) rows.add(0, 0, at)
    // Geometric series of 2^(-1/2): 1 / (1 - 2^-0.5).
    expect(rows.raw(0) * rows.scale.factor(until)).toBeCloseTo(1 / (1 - Math.SQRT1_2), 9)
    expect(Number.isFinite(rows.raw(0))).toBe(true)
    rows.add(1, 0, 0) // ages ago: nothing is left of it
    expect(rows.raw(1) * rows.scale.factor(until)).toBe(0)
    expect(rows.raw(0) * rows.scale.factor(Number.MAX_SAFE_INTEGER)).toBe(0)
  })

  it('equals brute force for events in any order', () => {
    const event = fc.record({ row: fc.nat(3), at: fc.nat(900 * DAY), amount: fc.integer({ min: -3, max: 5 }) })
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 60 }), fc.nat(30 * DAY), (events, later) => {
        const rows = new DecayedRows(new DecayScale(DAY), 2)
        for (const { row, at, amount } of events) rows.add(row, 1, at, amount)
        const at = Math.max(...events.map((e) => e.at)) + later
        for (let row = 0; row < 4; row++) {
          const terms = events.filter((e) => e.row === row).map((e) => e.amount * 2 ** ((e.at - at) / DAY))
          const scale = terms.reduce((sum, term) => sum + Math.abs(term), 0)
          const expected = terms.reduce((sum, term) => sum + term, 0)
          expect(Math.abs(rows.raw(row, 1) * rows.scale.factor(at) - expected)).toBeLessThanOrEqual(1e-9 * scale)
          expect(rows.raw(row, 0)).toBe(0)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('keeps the channels of several owners apart', () => {
    const rows = new DecayedRows(new DecayScale(DAY), 0)
    const first = rows.reserve(2)
    const second = rows.reserve(1)
    rows.add(7, first + 1, START, 2)
    rows.add(7, second, START, 5)
    const factor = rows.scale.factor(START)
    expect([first, first + 1, second].map((channel) => rows.raw(7, channel) * factor)).toEqual([0, 2, 5])
  })
})

describe('DecayedPairs', () => {
  it('lets go of what has faded as new pairs come, and never holds more than it may', () => {
    const pairs = new DecayedPairs(new DecayScale(DAY), { pairsMax: 100, epsilon: 0.01, fades: true })
    for (let b = 0; b < 50; b++) pairs.add(1, b, START)
    expect(pairs.size).toBe(50)
    const bytes = bytesOf(pairs)
    for (let day = 1; day < 20; day++) for (let b = 0; b < 50; b++) pairs.add(9, 100 * day + b, START + 20 * day * DAY)
    expect(pairs.size).toBeLessThanOrEqual(100)
    expect(bytesOf(pairs)).toBeLessThan(bytes + 1000) // 950 pairs came and went
    for (let b = 0; b < 50; b++) pairs.add(2, b, START + 500 * DAY)
    for (let b = 0; b < 80; b++) pairs.add(3, b, START + 500 * DAY)
    expect(pairs.size).toBe(100)
    const factor = pairs.scale.factor(START + 500 * DAY)
    const kept = (a: number) => Array.from({ length: 80 }, (_, b) => pairs.raw(a, b) * factor).filter(Boolean)
    expect([...kept(2), ...kept(3)]).toEqual(Array(100).fill(1)) // 130 came, the 30 least went: all are equal
  })

  it('makes room among equals too, and for a bound of one', () => {
    const pairs = new DecayedPairs(new DecayScale(DAY), { pairsMax: 1, epsilon: 0.01 })
    for (let b = 0; b < 20; b++) pairs.add(1, b, START)
    expect(pairs.size).toBe(1)
    expect(pairs.raw(1, 19)).toBeGreaterThan(0)
  })

  it('behaves like a map of sums through removal and forgetting', () => {
    const step = fc.record({
      a: fc.nat(5),
      b: fc.nat(5),
      act: fc.constantFrom('add', 'add', 'add', 'remove', 'forget'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const pairs = new DecayedPairs(new DecayScale(DAY), { pairsMax: 1000, epsilon: 0.01 })
        const model = new Map<string, number>()
        for (const { a, b, act } of steps) {
          if (act === 'add') {
            pairs.add(a, b, START)
            model.set(`${a} ${b}`, (model.get(`${a} ${b}`) ?? 0) + 1)
          } else if (act === 'remove') {
            pairs.remove(a, b)
            model.delete(`${a} ${b}`)
          } else {
            pairs.forget(a)
            for (const key of [...model.keys()]) if (key.startsWith(`${a} `)) model.delete(key)
          }
        }
        expect(pairs.size).toBe(model.size)
        const factor = pairs.scale.factor(START)
        for (let a = 0; a < 6; a++)
          for (let b = 0; b < 6; b++) expect(pairs.raw(a, b) * factor).toBe(model.get(`${a} ${b}`) ?? 0)
      }),
    )
  })
})
