import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts'
import { psi, psiBands } from './psi.ts'

export interface ColumnDrift {
  readonly name: string
  readonly psi: number
  /** Larger of 0.1 and what chance gives: a PSI above it is to be watched. */
  readonly limit: number
  readonly statistic: number
  readonly p: number
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
    const band = value >= Math.max(psiBands.act, noise) ? 'act' : value >= limit ? 'watch' : 'stable'
    return { name, psi: value, limit, statistic, p, band }
  })
}

function column(rows: Float32Array, c: number, width: number): Float32Array {
  return Float32Array.from({ length: rows.length / width }, (_, row) => rows[row * width + c])
}
