/**
 * Inner products of one query with many rows, in one memory. Addresses are bytes and multiples of 16, `dim` is a
 * multiple of 16. Nothing is checked here: who calls owns the memory and keeps within it.
 */
export interface ScanKernels {
  /**
   * Of the products query . rows[i], int16 query, int8 rows, those that are `least` or more: int32 out and their i, uint32
   * places, in order; gives how many. There must be room for all `n` of both.
   */
  bytesFrom(query: number, rows: number, n: number, dim: number, least: number, out: number, places: number): number
  /** out[i] = query . rows[places[i]]: int16 query, int8 rows, uint32 places, int32 out */
  bytesOf(query: number, rows: number, places: number, n: number, dim: number, out: number): void
  /** out[i] = query . rows[i]: float32 */
  floats(query: number, rows: number, n: number, dim: number, out: number): void
}
