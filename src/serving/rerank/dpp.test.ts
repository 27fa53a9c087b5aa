import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Dpp, dppWorth } from './dpp.ts'
import { greedy } from './spread.ts'

type Kernel = readonly (readonly number[])[]

/** log det by Gaussian elimination with pivoting; -Infinity when singular or worse. */
function logDet(kernel: Kernel, picks: readonly number[]): number {
  const m = picks.map((i) => picks.map((j) => (kernel[i] as number[])[j] as number))
  let sum = 0
  for (let c = 0; c < m.length; c++) {
    const pivot = m.reduce((best, row, r) => (r >= c && Math.abs(row[c]!) > Math.abs(m[best]![c]!) ? r : best), c)
    let sign = 1
    if (pivot !== c) {
      ;[m[c], m[pivot]] = [m[pivot]!, m[c]!]
      sign = -1
    }
    const head = m[c]![c]! * sign
    if (Math.abs(head) < 1e-14) return Number.NEGATIVE_INFINITY
    sum += Math.log(Math.abs(head))
    for (let r = c + 1; r < m.length; r++) {
      const factor = m[r]![c]! / m[c]![c]!
      for (let k = c; k < m.length; k++) m[r]![k]! -= factor * m[c]![k]!
    }
  }
  return sum
}

/** Greedy by the definition: at each step try every candidate, and take the determinant with the latest `held` picks. */
function bruteForce(kernel: Kernel, limit: number, held: number): number[] {
  const picks: number[] = []
  while (picks.length < limit) {
    const window = held === 0 ? [] : picks.slice(-held)
    let best = -1
    let most = Number.NEGATIVE_INFINITY
    for (let i = 0; i < kernel.length; i++) {
      if (picks.includes(i)) continue
      const gain = logDet(kernel, [...window, i]) - logDet(kernel, window)
      if (best < 0 || gain > most + 1e-9) [best, most] = [i, gain]
    }
    picks.push(best)
  }
  return picks
}

const ones = (n: number) => new Float64Array(n).fill(1)
const dppOf = (kernel: Kernel, held: number) => new Dpp(ones(kernel.length), (i, j) => kernel[i]![j]!, held)

const features = Array.from({ length: 12 }, (_, i) => {
  const angle = (((37 * i) % 90) * Math.PI) / 180
  const raw = [Math.cos(angle), Math.sin(angle), 0.3]
  const norm = Math.hypot(...raw)
  return raw.map((x) => x / norm)
})
const quality = features.map((_, i) => 1 + 0.1 * ((7 * i) % 12))
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, d) => sum + x * b[d]!, 0)
const golden = (ridge: number): Kernel =>
  features.map((f, i) => features.map((g, j) => quality[i]! * quality[j]! * dot(f, g) + (i === j ? ridge : 0)))

describe('Dpp', () => {
  it('stops at the rank of the golden kernel', () => {
    expect(greedy(dppOf(golden(0), 100), 8, (gain) => gain > 0)).toEqual([5, 2, 1])
  })

  it('fills what is left by index (the score) once the rank is spent', () => {
    expect(greedy(dppOf(golden(0), 100), 8)).toEqual([5, 2, 1, 0, 3, 4, 6, 7])
  })

  it('gives the golden list and log determinant with a ridge', () => {
    const dpp = dppOf(golden(0.05), 100)
    let sum = 0
    const picks = greedy(dpp, 8, (gain) => {
      sum += Math.log(gain)
      return true
    })
    expect(picks).toEqual([5, 2, 1, 10, 7, 4, 3, 9])
    expect(sum).toBeCloseTo(-13.687819017, 8)
    expect(logDet(golden(0.05), picks)).toBeCloseTo(-13.687819017, 8)
  })

  it('gives the golden list with a window of three (held against the latest two)', () => {
    expect(greedy(dppOf(golden(0.05), 2), 8)).toEqual([5, 2, 1, 10, 7, 4, 3, 9])
  })

  it('splits the kernel into q and S without changing the choice', () => {
    const worth = Float64Array.from(quality, (q) => q * q)
    const similarity = (i: number, j: number) => dot(features[i]!, features[j]!)
    expect(greedy(new Dpp(worth, similarity, 100), 8, (gain) => gain > 0)).toEqual([5, 2, 1])
  })

  it('equals brute force greedy log-det on random kernels, whole and windowed', () => {
    const kernels = fc
      .tuple(
        fc.integer({ min: 2, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
      )
      .map(([n, d, numbers]) => {
        const rows = Array.from({ length: n }, () => Array.from({ length: d }, () => numbers.next().value as number))
        return rows.map((a, i) => rows.map((b, j) => dot(a, b) + (i === j ? 0.05 : 0)))
      })
    fc.assert(
      fc.property(kernels, fc.integer({ min: 0, max: 9 }), (kernel, held) => {
        const ours = greedy(dppOf(kernel, held), kernel.length)
        const dpp = dppOf(kernel, held)
        // Ties within rounding may fall either way: every pick must be as good as the best by brute force.
        ours.forEach((pick, step) => {
          const before = ours.slice(0, step)
          const window = held === 0 ? [] : before.slice(-held)
          const gain = logDet(kernel, [...window, pick]) - logDet(kernel, window)
          expect(Math.log(dpp.gains[pick]!)).toBeCloseTo(gain, 6)
          for (let i = 0; i < kernel.length; i++) {
            if (before.includes(i)) continue
            expect(logDet(kernel, [...window, i]) - logDet(kernel, window)).toBeLessThanOrEqual(gain + 1e-7)
          }
          dpp.pick(pick)
        })
      }),
      { numRuns: 300 },
    )
  })

  it('equals the brute force list exactly on kernels without ties', () => {
    const kernel = golden(0.05)
    for (const held of [0, 1, 2, 3, 5, 12])
      expect(greedy(dppOf(kernel, held), 12)).toEqual(bruteForce(kernel, 12, held))
  })

  it('keeps a pick that spans nothing new repelling after its twin has left the window', () => {
    const same = [1, 0]
    const other = [0, 1]
    const vectors = [same, same, other, same, [0.6, 0.8]]
    const dpp = new Dpp(ones(5), (i, j) => dot(vectors[i]!, vectors[j]!), 2)
    dpp.pick(0)
    dpp.pick(1) // spent: equal to 0
    dpp.pick(2) // 0 leaves; 1 and 2 are held
    expect(dpp.gains[3]).toBe(-1)
    expect(dpp.gains[4]).toBe(-1)
  })
})

describe('dppWorth', () => {
  it('is exp(2 alpha relevance) up to a common factor', () => {
    const worth = dppWorth(Float64Array.of(1, 0.5, 0.2), 0.7)
    const alpha = 0.7 / (2 * 0.3)
    expect(worth[0]).toBe(1)
    expect(worth[1]! / worth[2]!).toBeCloseTo(Math.exp(2 * alpha * 0.3), 12)
  })

  it('stays finite where relevance is nearly all', () => {
    expect([...dppWorth(Float64Array.of(1, 0.5), 1 - 1e-9)]).toEqual([1, 0])
  })
})
