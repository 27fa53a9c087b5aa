import { type ColumnReference, columnReference } from './psi.ts'

/** What columns were like: of the rows a model was trained on, or of a day of serving. Distributions only, no rows. */
export interface DriftReference {
  /** Said to the reader: `bst/000003`, or a day. */
  readonly of: string
  readonly columns: Readonly<Record<string, ColumnReference>>
}

/** @param rows [n x names.length] row-major, n at least 1 */
export function driftReference(of: string, rows: Float32Array, names: readonly string[]): DriftReference {
  const count = rows.length / names.length
  const columns = names.map((name, c) => {
    const values = Float32Array.from({ length: count }, (_, row) => rows[row * names.length + c])
    return [name, columnReference(values)] as const
  })
  return { of, columns: Object.fromEntries(columns) }
}
