import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import {
  accuracyP,
  classifierTwoSample,
  columnDrift,
  columnMoves,
  equalFrequencyEdges,
  jensenShannon,
  kolmogorovSmirnov,
  psi,
  psiOfShares,
  sharesOf,
  wassersteinInDeviations,
} from './index.ts'

const e = [0.1, 0.2, 0.4, 0.2, 0.1]
const a = [0.05, 0.15, 0.45, 0.25, 0.1]
const normals = (seed: string, n: number, mean = 0) => {
  const random = new Random(seed)
  return Float32Array.from({ length: n }, () => random.normal(mean))
}

describe('Wasserstein', () => {
  it('equals the worked example, in deviations of the reference, without what is missing', () => {
    const ten = Array.from({ length: 10 }, (_, i) => i + 1)
    const moved = ten.map((x) => x + 1.5)
    expect(wassersteinInDeviations(ten, moved)).toBeCloseTo(0.5222329679, 9) // 1.5 / sqrt(8.25)
    expect(wassersteinInDeviations(moved, ten)).toBeCloseTo(0.5222329679, 9)
    expect(wassersteinInDeviations(ten, [...ten, ...ten, Number.NaN])).toBe(0)
    // Half the mass of [0, 1] moves to 3: 1/2 of it by 2.
    expect(wassersteinInDeviations([0, 1], [0, 3])).toBeCloseTo(1 / 0.5, 12)
    expect(() => wassersteinInDeviations([Number.NaN], ten)).toThrow(RangeError)
  })
})

describe('PSI', () => {
  it('equals the worked example, is symmetric, and 0 for equal shares', () => {
    // By hand: .05 (ln 2 + ln(4/3) + ln(9/8) + ln(5/4)) = .06608779200.
    expect(psiOfShares(e, a)).toBeCloseTo(0.0660877918, 9)
    expect(psiOfShares(e, a)).toBeCloseTo(0.05 * Math.log((2 * 4 * 9 * 5) / (3 * 8 * 4)), 14)
    expect(psiOfShares(a, e)).toBeCloseTo(0.0660877918, 9)
    expect(psiOfShares(e, e)).toBe(0)
    expect(psiOfShares([1, 0], [0, 1])).toBeCloseTo(2 * 0.9999 * Math.log(1e4), 8) // floored at 1e-4
    expect(() => psiOfShares([1], [0.5, 0.5])).toThrow(RangeError)
  })
  it('refuses fewer than 1000 values', () => {
    expect(() => psi(normals('a', 999), normals('b', 5000))).toThrow(/999 and 5000.*1000/)
    expect(() => psi(normals('a', 5000), normals('b', 999))).toThrow(RangeError)
    expect(() => kolmogorovSmirnov([], [1])).toThrow(RangeError)
  })
  it('knows its noise: the published 95 % quantiles at ten bins, and about 5 % beyond it', () => {
    expect(psi(normals('a', 1000), normals('b', 1000)).noise).toBeCloseTo(0.0338, 4)
    expect(psi(normals('a', 10_000), normals('b', 10_000)).noise).toBeCloseTo(0.00338, 5)
    let beyond = 0
    for (let i = 0; i < 400; i++) {
      const { value, noise } = psi(normals(`r${i}`, 1000), normals(`c${i}`, 1000))
      if (value > noise) beyond++
      expect(value).toBeLessThan(0.1)
    }
    expect(beyond / 400).toBeGreaterThan(0.01)
    expect(beyond / 400).toBeLessThan(0.1)
  })
  it('cuts the reference into equal counts, ties together, missing values apart', () => {
    const ten = Array.from({ length: 100 }, (_, i) => i)
    expect([...sharesOf(ten, equalFrequencyEdges(ten))]).toEqual([...Array(10).fill(0.1), 0])
    expect([...equalFrequencyEdges([0, 0, 0, 0, 0, 0, 0, 1, 2], 4)]).toEqual([0])
    expect([...sharesOf([0, 5, Number.NaN, Number.NaN], Float64Array.of(1))]).toEqual([0.25, 0.25, 0.5])
    // A value that many share has a bin to itself, be it the least, the greatest or in between.
    const often = (counts: readonly number[]) => counts.flatMap((count, value) => Array(count).fill(value))
    expect([...equalFrequencyEdges(often([5, 95]))]).toEqual([0])
    expect([...equalFrequencyEdges(often([95, 5]))]).toEqual([0])
    expect([...equalFrequencyEdges(often([3, 94, 3]))]).toEqual([0, 1])
    expect([...equalFrequencyEdges(often([100]))]).toEqual([])
    fc.assert(
      fc.property(fc.array(fc.nat(30), { minLength: 1, maxLength: 200 }), (values) => {
        const shares = sharesOf(values, equalFrequencyEdges(values, 7))
        expect(shares.reduce((x, y) => x + y, 0)).toBeCloseTo(1, 12)
      }),
    )
  })
})

describe('Jensen-Shannon', () => {
  it('equals the worked example, and its bounds', () => {
    expect(jensenShannon(e, a)).toBeCloseTo(0.090370315, 9)
    expect(jensenShannon(e, a) ** 2).toBeCloseTo(0.0081667938, 10)
    expect(jensenShannon([1, 0], [0, 1])).toBeCloseTo(Math.sqrt(Math.LN2), 12)
    expect(jensenShannon(e, e)).toBe(0)
  })
})

describe('Kolmogorov-Smirnov', () => {
  const ten = Array.from({ length: 10 }, (_, i) => i + 1)
  it('equals the worked example', () => {
    const { statistic, p } = kolmogorovSmirnov(
      ten,
      ten.map((x) => x + 1.5),
    )
    expect(statistic).toBeCloseTo(0.2, 12)
    expect(p).toBeCloseTo(0.9944576, 7)
  })
  it('equals counting every way to deal the values to two sides', () => {
    const n = 4
    const m = 5
    const dealt: { statistic: number; p: number }[] = []
    for (let mask = 0; mask < 1 << (n + m); mask++) {
      const values = Array.from({ length: n + m }, (_, i) => i)
      const left = values.filter((i) => mask & (1 << i))
      if (left.length !== n) continue
      const right = values.filter((i) => !(mask & (1 << i)))
      dealt.push(kolmogorovSmirnov(left, right))
    }
    expect(dealt.length).toBe(126)
    for (const { statistic, p } of dealt)
      expect(p).toBeCloseTo(dealt.filter((other) => other.statistic >= statistic - 1e-12).length / 126, 10)
  })
  it('has its 5 % point where the table has it, at 1000 each', () => {
    const critical = 1.3581 * Math.sqrt(2000 / 1e6)
    expect(critical).toBeCloseTo(0.0607361, 6)
    const shift = (by: number) =>
      kolmogorovSmirnov(
        Array.from({ length: 1001 }, (_, i) => i),
        Array.from({ length: 1001 }, (_, i) => i + by),
      )
    expect(shift(58).p).toBeGreaterThan(0.05)
    expect(shift(64).p).toBeLessThan(0.05)
  })
})

describe('the classifier two-sample test', () => {
  it('has the published tail', () => {
    expect(accuracyP(0.52, 1000)).toBeCloseTo(0.103, 3)
    expect(accuracyP(0.53, 1000)).toBeCloseTo(0.0289, 4)
    expect(accuracyP(0.55, 1000)).toBeCloseTo(0.00078, 5)
    expect(accuracyP(0.5, 1000)).toBe(0.5)
    expect(accuracyP(0.47, 1000)).toBeCloseTo(1 - 0.0289, 4)
    // Both branches of the tail meet (values of the standard normal table).
    expect(accuracyP(0.5 + 3 / Math.sqrt(4000), 1000)).toBeCloseTo(0.0013498980316301, 12)
    expect(accuracyP(0.5 + 5 / Math.sqrt(4000), 1000)).toBeCloseTo(2.866515718791945e-7, 16)
  })
  it('has the published deviation of an AUC: .01827 at 500 on each side', () => {
    const { auc, p, heldOut } = classifierTwoSample(normals('a', 1000), normals('b', 1000, 0.1), 1)
    expect(heldOut).toBe(1000)
    const deviation = Math.sqrt(1001 / (12 * 500 * 500))
    expect(deviation).toBeCloseTo(0.01827, 5)
    // accuracyP has the same tail, of (accuracy - 0.5) / sqrt(0.25 / n).
    expect(p).toBeCloseTo(accuracyP(0.5 + ((auc - 0.5) / deviation) * Math.sqrt(0.25 / 1000), 1000), 12)
  })
  it('sees nothing where nothing is, and a shift where it is', () => {
    const same = classifierTwoSample(normals('a', 6000), normals('b', 6000), 3)
    expect(same.auc).toBeGreaterThan(0.45)
    expect(same.auc).toBeLessThan(0.55)
    expect(same.p).toBeGreaterThan(0.01)
    expect(same.heldOut).toBe(2000)
    const rows = normals('b', 6000)
    for (let at = 1; at < rows.length; at += 3) rows[at]! += 1
    const moved = classifierTwoSample(normals('a', 6000), rows, 3, { names: ['x', 'y', 'z'] })
    expect(moved.columns[0]!.name).toBe('y')
    // Two normals one deviation apart: AUC = Phi(1 / sqrt 2) = 0.7602.
    expect(Math.abs(moved.auc - 0.7602)).toBeLessThan(0.03)
    expect(moved.p).toBeLessThan(1e-6)
    expect(classifierTwoSample(normals('a', 6000), rows, 3)).toEqual(classifierTwoSample(normals('a', 6000), rows, 3))
  })
  it('bears missing cells and constant columns, refuses too few rows', () => {
    const rows = normals('a', 4000).map((value, i) => (i % 2 === 0 ? 7 : i % 10 === 1 ? Number.NaN : value))
    expect(classifierTwoSample(rows, rows, 2).auc).toBeCloseTo(0.5, 1)
    expect(() => classifierTwoSample(normals('a', 999), normals('a', 2000), 1)).toThrow(RangeError)
  })
})

describe('drift by column', () => {
  it('names the column that moved', () => {
    const current = normals('d', 4000)
    for (let at = 0; at < current.length; at += 2) current[at]! += 1.5
    const [x, y] = columnDrift(normals('c', 4000), current, ['x', 'y'])
    expect(x).toMatchObject({ name: 'x', band: 'act' })
    expect(x!.psi).toBeGreaterThan(1)
    expect(x!.p).toBeLessThan(1e-6)
    expect(y).toMatchObject({ name: 'y', band: 'stable', limit: 0.1 })
  })

  it('takes a column at its own pace: what grows as it did before does not act, what leaps does', () => {
    const names = ['grows', 'still']
    // By four fifths of a deviation from one part to the next, and the other not at all.
    const part = (k: number, leap = 0) => {
      const rows = normals(`part ${k}`, 4000)
      for (let at = 0; at < rows.length; at += 2) rows[at]! += 0.8 * k + leap
      return rows
    }
    const usual = columnMoves(part(0), part(1), 2)
    expect(usual[0]).toBeCloseTo(0.8, 1)
    expect(usual[1]).toBeLessThan(0.1)
    const [first, second] = [part(1), part(2)]
    expect(columnDrift(first, second, names)[0]).toMatchObject({ band: 'act', usual: null, asUsual: false })
    expect(columnDrift(first, second, names, usual)[0]).toMatchObject({ band: 'watch', asUsual: true, broken: false })
    // Half as much again and no more; two deviations are no growth, unless it always grew so.
    expect(columnDrift(first, part(2, 0.7), names, usual)[0]).toMatchObject({ band: 'act', broken: false })
    expect(columnDrift(first, part(2, 1.5), names, usual)[0]).toMatchObject({ band: 'act', broken: true })
    expect(columnDrift(first, part(2, 1.5), names, [2, 0])[0]).toMatchObject({ band: 'watch', broken: false })
    const missing = second.map((value, at) => (at % 20 === 0 ? Number.NaN : value))
    expect(columnDrift(first, missing, names, usual)[0]).toMatchObject({ band: 'act', broken: true })
  })

  it('acts on a category that vanished, be the column ever so used to creep', () => {
    const rates = Float32Array.from({ length: 5000 }, (_, row) => (row % 10 < 1 ? 0 : row % 10 < 4 ? 1 : 2))
    const vanished = rates.filter((rate) => rate !== 2)
    const [column] = columnDrift(rates, vanished, ['rate'], [0.3])
    expect(column).toMatchObject({ band: 'act', asUsual: false })
    // Of 1.5 on average, and 0.75 after: 0.75 / sqrt(0.45) deviations.
    expect(column?.distance).toBeCloseTo(0.75 / Math.sqrt(0.45), 6)
  })

  it('acts on a yes or no that most rows shared and half of them have lost', () => {
    const flags = (every: number) => Float32Array.from({ length: 5000 }, (_, row) => (row % every === 0 ? 0 : 1))
    const [column] = columnDrift(flags(20), flags(2), ['flag'])
    // Shares by hand: .05 and .95 before, .5 and .5 after.
    expect(column?.psi).toBeCloseTo(0.45 * Math.log(0.5 / 0.05) - 0.45 * Math.log(0.5 / 0.95), 6)
    expect(column).toMatchObject({ band: 'act', broken: true })
    expect(columnDrift(flags(20), flags(20), ['flag'])[0]).toMatchObject({ band: 'stable', psi: 0 })
  })

  it('does not act on a few values that crept over the edges of bins, but on values that moved or went missing', () => {
    // Three categories with a tenth, three and six tenths of the rows; all rows of one share its rate.
    const rates = Float32Array.from({ length: 4800 }, (_, row) => (row % 10 < 1 ? 0 : row % 10 < 4 ? 1 : 2))
    const by = (step: number) =>
      columnDrift(
        rates,
        rates.map((rate) => rate + step),
        ['rate'],
      )[0]
    expect(by(0.05)).toMatchObject({ band: 'watch', distance: expect.closeTo(0.05 / Math.sqrt(0.45), 6) })
    expect(by(0.05)!.psi).toBeGreaterThan(0.25)
    expect(by(1)).toMatchObject({ band: 'act' })
    const without = (every: number) => rates.map((rate, row) => (row % every === 0 ? Number.NaN : rate))
    expect(columnDrift(rates, without(10), ['rate'])[0]).toMatchObject({ band: 'act' })
    expect(
      columnDrift(
        rates,
        rates.map(() => Number.NaN),
        ['rate'],
      )[0],
    ).toMatchObject({ band: 'act', distance: 0 })
    const constant = new Float32Array(4800).fill(1)
    expect(columnDrift(constant, constant, ['one'])[0]).toMatchObject({ band: 'stable', distance: 0 })
    expect(columnDrift(constant, rates, ['one'])[0]).toMatchObject({
      band: 'watch',
      distance: Number.POSITIVE_INFINITY,
    })
  })
})
