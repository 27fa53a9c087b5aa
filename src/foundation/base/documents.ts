import { Bytes } from './bytes.ts'
import { Cell } from './cell.ts'
import { Column } from './column.ts'
import type { Shelf, Shelved } from './shelf.ts'

/**
 * One JSON document per row, as bytes in one arena: millions of records without millions of objects. A replaced or
 * removed document is overwritten at once; when more than half of the arena is waste it is packed anew.
 */
export class Documents<T> implements Shelved {
  private readonly arena = new Bytes(16_384)
  private readonly end = new Cell()
  private readonly waste = new Cell()
  private readonly starts = new Column(Float64Array)
  private readonly lengths = new Column(Uint32Array)

  put(row: number, value: T): void {
    this.remove(row)
    const text = Buffer.from(JSON.stringify(value))
    this.starts.ensure(row)
    this.lengths.ensure(row)
    if (this.end.value + text.length > this.arena.length) this.pack(text.length)
    const start = this.end.value
    text.copy(this.arena.buffer, start)
    this.starts.array[row] = start
    this.lengths.array[row] = text.length
    this.end.value = start + text.length
  }

  get(row: number): T | undefined {
    if (row < 0 || row >= this.lengths.rows || this.lengths.array[row] === 0) return undefined
    const start = this.starts.array[row]
    return JSON.parse(this.arena.buffer.toString('utf8', start, start + this.lengths.array[row])) as T
  }

  remove(row: number): void {
    if (row >= this.lengths.rows || this.lengths.array[row] === 0) return
    const start = this.starts.array[row]
    this.arena.buffer.fill(0, start, start + this.lengths.array[row])
    this.waste.value += this.lengths.array[row]
    this.lengths.array[row] = 0
  }

  shelve(shelf: Shelf): void {
    for (const name of ['arena', 'end', 'waste', 'starts', 'lengths'] as const) shelf.part(name, this[name])
  }

  private pack(more: number): void {
    const live = this.end.value - this.waste.value
    const roomy = this.waste.value * 2 > this.end.value ? this.arena.length : this.arena.length * 2
    const before = this.arena.renew(Math.max(roomy, (live + more) * 2))
    let end = 0
    for (let row = 0; row < this.lengths.rows; row++) {
      const start = this.starts.array[row]
      const length = this.lengths.array[row]
      if (length === 0) continue
      before.copy(this.arena.buffer, end, start, start + length)
      this.starts.array[row] = end
      end += length
    }
    this.end.value = end
    this.waste.value = 0
  }
}
