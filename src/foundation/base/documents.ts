import { Column } from './column.ts'

/**
 * One JSON document per row, as bytes in one arena: millions of records without millions of objects. A replaced or
 * removed document is overwritten at once; when more than half of the arena is waste it is packed anew.
 */
export class Documents<T> {
  private arena = Buffer.alloc(16_384)
  private end = 0
  private waste = 0
  private readonly starts = new Column(Float64Array)
  private readonly lengths = new Column(Uint32Array)
  private rows = 0

  get bytes(): number {
    return this.arena.byteLength + this.starts.bytes + this.lengths.bytes
  }

  put(row: number, value: T): void {
    this.remove(row)
    const text = Buffer.from(JSON.stringify(value))
    this.starts.ensure(row)
    this.lengths.ensure(row)
    this.rows = Math.max(this.rows, row + 1)
    if (this.end + text.length > this.arena.length) this.pack(text.length)
    text.copy(this.arena, this.end)
    this.starts.array[row] = this.end
    this.lengths.array[row] = text.length
    this.end += text.length
  }

  get(row: number): T | undefined {
    if (row < 0 || row >= this.rows || this.lengths.array[row] === 0) return undefined
    const start = this.starts.array[row]
    return JSON.parse(this.arena.toString('utf8', start, start + this.lengths.array[row])) as T
  }

  remove(row: number): void {
    if (row >= this.rows || this.lengths.array[row] === 0) return
    const start = this.starts.array[row]
    this.arena.fill(0, start, start + this.lengths.array[row])
    this.waste += this.lengths.array[row]
    this.lengths.array[row] = 0
  }

  private pack(more: number): void {
    const live = this.end - this.waste
    const roomy = this.waste * 2 > this.end ? this.arena.length : this.arena.length * 2
    const packed = Buffer.alloc(Math.max(roomy, (live + more) * 2))
    let end = 0
    for (let row = 0; row < this.rows; row++) {
      const start = this.starts.array[row]
      const length = this.lengths.array[row]
      if (length === 0) continue
      this.arena.copy(packed, end, start, start + length)
      this.starts.array[row] = end
      end += length
    }
    this.arena = packed
    this.end = end
    this.waste = 0
  }
}
