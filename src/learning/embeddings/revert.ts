import { DEFAULT_ROW, RESERVED_ROWS } from './rows.ts'
import type { EmbeddingTable } from './table.ts'

/**
 * Puts the rows of a trained table that changed since a serving copy was made back to the copy's weights; rows of ids
 * that the copy does not know start over as `unknown`: the rare, or padding. What the optimiser knows of them stays: they
 * learn more slowly. Gives how many rows were put back.
 */
export function revertTo(table: EmbeddingTable, copy: EmbeddingTable, unknown = DEFAULT_ROW): number {
  const { rows, dim } = table
  const { floats } = rows.records
  const held = copy.rows
  table.discard()
  const changed = rows.changedSince(copy.version).filter((row) => row < RESERVED_ROWS || rows.keys.has(row))
  for (const row of changed) {
    const known = row < held.count && rows.keys.name(row) === held.keys.name(row)
    const from = held.records.offset(known ? row : unknown)
    floats.set(held.records.floats.subarray(from, from + dim), rows.records.offset(row))
    rows.stamp(row)
  }
  return changed.length
}
