import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { calibrate } from '../models/index.ts'
import { fitCalibration } from './calibrate.ts'

describe('fitCalibration', () => {
  it('finds the slope and the level that were planted (Platt)', () => {
    const random = new Random('platt')
    const logits = Array.from({ length: 20_000 }, () => random.normal(0, 2))
    const labels = logits.map((z) => (random.chance(1 / (1 + Math.exp(-(0.5 * z - 1)))) ? 1 : 0))
    const found = fitCalibration('platt', logits, labels)
    expect(found).toMatchObject({ kind: 'platt' })
    if (found.kind !== 'platt') return
    expect(found.a).toBeCloseTo(0.5, 1)
    expect(found.b).toBeCloseTo(-1, 1)
    // The level is right to the count: sum of probabilities = sum of targets.
    const sum = logits.reduce((total, z) => total + calibrate(found, z), 0)
    expect(sum / labels.reduce<number>((a, b) => a + b, 0)).toBeCloseTo(1, 2)
  })

  it('pools adjacent violators (isotonic)', () => {
    // Of the labels 0 1 0 1 1 0 1, in the order of the logits, the pools are [0] [1 0] [1 1 0] [1], each 20 times.
    const pattern = [0, 1, 0, 1, 1, 0, 1]
    const logits = pattern.flatMap((_, i) => Array.from({ length: 20 }, (__, k) => i + k / 1000))
    const labels = pattern.flatMap((label) => Array.from({ length: 20 }, () => label))
    const found = fitCalibration('isotonic', logits, labels)
    if (found.kind !== 'isotonic') throw new Error('no curve')
    expect(found.probabilities.map((p) => Math.round(p * 1000) / 1000)).toEqual([0, 0.5, 0.667, 1])
    expect(calibrate(found, -99)).toBe(0)
    expect(calibrate(found, 99)).toBe(1)
  })

  it('pools equal logits first, in whatever order their labels come (isotonic)', () => {
    // Of a model that says one thing of everything, a quarter comes true; of two things, a quarter and three quarters.
    const quarter = (i: number) => (i % 4 === 3 ? 1 : 0)
    const alike = Array.from({ length: 200 }, () => 0.3)
    const one = fitCalibration(
      'isotonic',
      alike,
      alike.map((_, i) => quarter(i)),
    )
    expect(calibrate(one, 0.3)).toBe(0.25)
    const two = fitCalibration(
      'isotonic',
      [...alike, ...alike.map(() => 0.9)],
      [...alike.map((_, i) => quarter(i)), ...alike.map((_, i) => 1 - quarter(i))],
    )
    expect(two).toEqual({ kind: 'isotonic', logits: [0.3, 0.9], probabilities: [0.25, 0.75] })
  })

  it('never turns an order around', () => {
    const random = new Random('order')
    const logits = Array.from({ length: 400 }, () => random.normal())
    const labels = logits.map((z) => (random.chance(1 / (1 + Math.exp(-z))) ? 1 : 0))
    for (const kind of ['platt', 'isotonic', 'none'] as const) {
      const found = fitCalibration(kind, logits, labels)
      fc.assert(
        fc.property(fc.double({ min: -9, max: 9, noNaN: true }), fc.double({ min: 0, max: 3, noNaN: true }), (z, d) => {
          expect(calibrate(found, z + d)).toBeGreaterThanOrEqual(calibrate(found, z))
          expect(calibrate(found, z)).toBeGreaterThanOrEqual(0)
          expect(calibrate(found, z)).toBeLessThanOrEqual(1)
        }),
      )
    }
  })

  it('refuses a logit that is no number', () => {
    const logits = Array.from({ length: 100 }, (_, i) => (i === 7 ? Number.NaN : i))
    for (const kind of ['platt', 'isotonic'] as const)
      expect(() =>
        fitCalibration(
          kind,
          logits,
          logits.map((_, i) => i % 2),
        ),
      ).toThrow(/logit 7: it is NaN/)
  })

  it('leaves alone what it cannot judge: few labels, one class, logits that lead astray', () => {
    const many = Array.from({ length: 100 }, (_, i) => i / 10)
    const none = { kind: 'none' }
    expect(fitCalibration('platt', [1, 2], [0, 1])).toEqual(none)
    expect(
      fitCalibration(
        'platt',
        many,
        many.map(() => 1),
      ),
    ).toEqual(none)
    expect(
      fitCalibration(
        'platt',
        many,
        many.map((_, i) => (i < 50 ? 1 : 0)),
      ),
    ).toEqual(none)
  })
})
