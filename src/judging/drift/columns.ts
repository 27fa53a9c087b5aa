import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts'
import { psi, psiBands } from './psi.ts'
import { wassersteinInDeviations } from './wasserstein.ts'

/**
 * A move of less than a fifth of a standard deviation is small (Cohen 1988), whatever PSI says: where few rows share
 * many values (the rate of a category), values that creep over the edges of its bins make it large. So is a share of
 * missing values that changed by up to this much.
 */
const SMALL = { deviations: 0.2, missing: 0.02 } as const
/** A move of up to so many times the usual one is the column's way: it grows, or swings, and did so before. */
const USUAL = 1.5
/** From two deviations on a move is huge (Sawilowsky 2009): a unit, zeros, another field. */
const HUGE = 2

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
  /** The same of how it moved before, as far as that is known. */
  readonly usual: number | null
  /**
   * `act`: PSI from 0.25 on, and a move that is neither small nor what the column is used to. `watch`: from `limit` on, or
   * a constant that is none any more.
   */
  readonly band: 'stable' | 'watch' | 'act'
  /** Why it is not `act`: it moved by no more than half as much again as it did before. */
  readonly asUsual: boolean
  /** Does it act, by two deviations or more? Such a column is broken. */
  readonly broken: boolean
}

/**
 * Drift of each column of two sets of rows, [n x width] row-major.
 *
 * @param usual per column, how far it moved before (`columnMoves`)
 * @throws RangeError for fewer than 1000 rows on a side
 */
export function columnDrift(
  reference: Float32Array,
  current: Float32Array,
  names: readonly string[],
  usual?: ArrayLike<number>,
): ColumnDrift[] {
  const width = names.length
  return names.map((name, c) => {
    const [a, b] = [column(reference, c, width), column(current, c, width)]
    const { value, noise } = psi(a, b)
    const limit = Math.max(psiBands.watch, noise)
    const missing = a.every(Number.isNaN) || b.every(Number.isNaN)
    const { statistic, p } = missing ? { statistic: 0, p: 1 } : kolmogorovSmirnov(a, b)
    const distance = moveOf(a, b)
    const wentMissing = Math.abs(missingShare(a) - missingShare(b)) > SMALL.missing
    const far = value >= Math.max(psiBands.act, noise) && (distance >= SMALL.deviations || wentMissing)
    const asUsual = far && !wentMissing && distance <= USUAL * (usual?.[c] ?? 0)
    const act = far && !asUsual
    const band = act ? 'act' : value >= limit || distance === Number.POSITIVE_INFINITY ? 'watch' : 'stable'
    const broken = act && (distance >= HUGE || wentMissing)
    return { name, psi: value, limit, statistic, p, distance, usual: usual?.[c] ?? null, band, asUsual, broken }
  })
}

/** How far each column moved, in standard deviations of the reference; see `ColumnDrift.distance`. */
export function columnMoves(reference: Float32Array, current: Float32Array, width: number): Float64Array {
  return Float64Array.from({ length: width }, (_, c) => moveOf(column(reference, c, width), column(current, c, width)))
}

function moveOf(a: Float32Array, b: Float32Array): number {
  return a.every(Number.isNaN) || b.every(Number.isNaN) ? 0 : wassersteinInDeviations(a, b)
}

function missingShare(values: Float32Array): number {
  return values.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0) / values.length
}

function column(rows: Float32Array, c: number, width: number): Float32Array {
  return Float32Array.from({ length: rows.length / width }, (_, row) => rows[row * width + c])
}
