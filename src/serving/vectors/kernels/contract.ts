/**
 * Inner products of one query with many rows, in one memory. Addresses are bytes and multiples of 16, `dim` is a
 * multiple of 16. Nothing is checked here: who calls owns the memory and keeps within it.
 */
export interface ScanKernels {
  /** out[i] = query . rows[i]: int16 query, int8 rows, int32 out */
  bytes(query: number, rows: number, n: number, dim: number, out: number): void
  /** out[i] = query . rows[places[i]]: int16 query, int8 rows, uint32 places, int32 out */
  bytesOf(query: number, rows: number, places: number, n: number, dim: number, out: number): void
  /** out[i] = query . rows[i]: float32 */
  floats(query: number, rows: number, n: number, dim: number, out: number): void
}
