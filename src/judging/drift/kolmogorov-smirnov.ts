import { ascending } from './ascending.ts'

export interface KolmogorovSmirnov {
  /** Greatest distance between the two distribution functions, 0 to 1. With many values judge by it (0.1), not by p. */
  readonly statistic: number
  /** Two-sided. */
  readonly p: number
}

/** Up to this product of sizes p is exact; beyond it is the limit distribution. */
const EXACT_MAX = 1_000_000

/**
 * Two-sample Kolmogorov-Smirnov test. Missing values (NaN) are left out. p: exact by counting lattice paths for small
 * samples (Hodges 1957; conservative with ties), else Kolmogorov's limit with Stephens' correction.
 * @throws RangeError for no values on a side
 */
export function kolmogorovSmirnov(reference: ArrayLike<number>, current: ArrayLike<number>): KolmogorovSmirnov {
  const a = ascending(reference)
  const b = ascending(current)
  if (a.length === 0 || b.length === 0)
    throw new RangeError(`Cannot hold ${b.length} values against ${a.length}: both sides need some`)
  let i = 0
  let j = 0
  let widest = 0 // in units of 1 / (n m), so that it stays whole
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i], b[j])
    while (i < a.length && a[i] === value) i++
    while (j < b.length && b[j] === value) j++
    widest = Math.max(widest, Math.abs(i * b.length - j * a.length))
  }
  const statistic = widest / (a.length * b.length)
  const exact = a.length * b.length <= EXACT_MAX
  return { statistic, p: exact ? exactP(a.length, b.length, widest) : limitP(a.length, b.length, statistic) }
}

/**
 * P(D >= d): 1 minus the share of lattice paths from (0, 0) to (n, m) that stay strictly inside |i m - j n| < widest.
 * Shares instead of counts, so that nothing overflows: the cell is the probability that a random path comes through
 * it and has stayed inside.
 */
function exactP(n: number, m: number, widest: number): number {
  if (widest === 0) return 1
  const inside = new Float64Array(m + 1)
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= m; j++) {
      if (Math.abs(i * m - j * n) >= widest) {
        inside[j] = 0
        continue
      }
      if (i === 0 && j === 0) inside[j] = 1
      else {
        // A random path comes from below with probability i / (i + j), from the left with j / (i + j).
        const below = i > 0 ? inside[j] * (i / (i + j)) : 0
        const left = j > 0 ? inside[j - 1] * (j / (i + j)) : 0
        inside[j] = below + left
      }
    }
  }
  return Math.min(1, Math.max(0, 1 - inside[m]))
}

/** Kolmogorov's series: 2 sum (-1)^(k-1) exp(-2 k^2 x^2). */
function limitP(n: number, m: number, statistic: number): number {
  const size = Math.sqrt((n * m) / (n + m))
  const x = statistic * (size + 0.12 + 0.11 / size)
  if (x < 0.2) return 1
  let p = 0
  for (let k = 1; k <= 100; k++) {
    const term = 2 * (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x)
    p += term
    if (Math.abs(term) < 1e-12) break
  }
  return Math.min(1, Math.max(0, p))
}
