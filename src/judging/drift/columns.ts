import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts'
import { psi, psiBands } from './psi.ts'
import { wassersteinInDeviations } from './wasserstein.ts'

/**
 * A move of less than a fifth of a standard deviation is small (Cohen 1988), whatever PSI says: where few rows share
 * many values (the rate of a category), values that creep over the edges of its bins make it large. So is a share of
 * missing values that changed by up to this much.
 */
const SMALL = { deviations: 0.2, missing: 0.02 } as const

export interface ColumnDrift {
  readonly name: string
  readonly psi: number
  /** Larger of 0.1 and what chance gives: a PSI above it is to be watched. */
  readonly limit: number
  /** Kolmogorov-Smirnov. */
  readonly statistic: number
  readonly p: number
  /** How far values moved, in standard deviations of the reference; 0 where a side is all missing. */
  readonly distance: number
  /** `act`: PSI from 0.25 on, and a move that is not small. `watch`: from `limit` on, or a constant that is none any more. */
  readonly band: 'stable' | 'watch' | 'act'
}

/** Drift of each column of two sets of rows, [n x width] row-major. @throws RangeError for fewer than 1000 rows on a side */
export function columnDrift(reference: Float32Array, current: Float32Array, names: readonly string[]): ColumnDrift[] {
  const width = names.length
  return names.map((name, c) => {
    const [a, b] = [column(reference, c, width), column(current, c, width)]
    const { value, noise } = psi(a, b)
    const limit = Math.max(psiBands.watch, noise)
    const missing = a.every(Number.isNaN) || b.every(Number.isNaN)
    const { statistic, p } = missing ? { statistic: 0, p: 1 } : kolmogorovSmirnov(a, b)
    const distance = missing ? 0 : wassersteinInDeviations(a, b)
    const moved = distance >= SMALL.deviations || Math.abs(missingShare(a) - missingShare(b)) > SMALL.missing
    const act = moved && value >= Math.max(psiBands.act, noise)
    const band = act ? 'act' : value >= limit || distance === Number.POSITIVE_INFINITY ? 'watch' : 'stable'
    return { name, psi: value, limit, statistic, p, distance, band }
  })
}

function missingShare(values: Float32Array): number {
  return values.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0) / values.length
}

function column(rows: Float32Array, c: number, width: number): Float32Array {
  return Float32Array.from({ length: rows.length / width }, (_, row) => rows[row * width + c])
}
