import { Bytes } from './bytes.ts'
import { Cell } from './cell.ts'
import { Column } from './column.ts'
import { hash32 } from './hash.ts'
import { EMPTY, GONE, RowCells } from './row-cells.ts'
import type { Shelf, Shelved } from './shelf.ts'

/**
 * Ids to dense rows and back, in typed arrays: open addressing on a 32-bit hash, verified against the id's bytes,
 * so two ids never share a row. Rows count up from 0 and are never reused; a forgotten id leaves no byte behind.
 * Cost: about 22 bytes plus the id's UTF-8 length.
 */
export class IdTable implements Shelved {
  private readonly cells = new RowCells((row) => this.hashes.array[row])
  private readonly hashes = new Column(Uint32Array)
  private readonly ends = new Column(Float64Array) // end of the id in `text`; its start is the previous end
  private readonly text = new Bytes(4096)
  private readonly count = new Cell()

  /** Rows given out so far, forgotten ones included. */
  get size(): number {
    return this.count.value
  }

  /** The row of an id, or -1. */
  find(id: string): number {
    const hash = hash32(id)
    const { now, leaving, isMoving } = this.cells
    const row = this.rowIn(now, hash, id)
    return row >= 0 || !isMoving ? row : this.rowIn(leaving, hash, id)
  }

  /** The row of an id, made if it is new. */
  row(id: string): number {
    const found = this.find(id)
    if (found >= 0) return found
    this.cells.room()
    const row = this.count.value++
    this.hashes.ensure(row)
    this.ends.ensure(row)
    const hash = hash32(id)
    this.hashes.array[row] = hash
    const start = this.startOf(row)
    const end = start + Buffer.byteLength(id)
    this.text.ensure(end)
    this.text.buffer.write(id, start)
    this.ends.array[row] = end
    this.cells.place(row)
    return row
  }

  /** The id of a row; the empty string when it was forgotten. */
  name(row: number): string {
    const start = this.startOf(row)
    const end = this.ends.array[row]
    const { buffer } = this.text
    if (end - start <= 0 || (buffer[start] === 0 && this.hashes.array[row] === 0)) return ''
    return buffer.toString('utf8', start, end)
  }

  /** 32 bits of hash of a row's id, the same in every process; 0 when it was forgotten. */
  hash(row: number): number {
    return this.hashes.array[row]
  }

  /** Removes an id and overwrites its bytes. The row stays retired. */
  forget(id: string): void {
    const row = this.find(id)
    if (row < 0) return
    this.cells.remove(row)
    this.text.buffer.fill(0, this.startOf(row), this.ends.array[row])
    this.hashes.array[row] = 0
  }

  shelve(shelf: Shelf): void {
    this.cells.shelveArrays(shelf, 'slots')
    for (const name of ['hashes', 'ends', 'text'] as const) shelf.part(name, this[name])
    shelf.part('used', this.cells.used)
    shelf.part('count', this.count)
    shelf.part('moved', this.cells.moved)
  }

  private rowIn(cells: Uint32Array, hash: number, id: string): number {
    const mask = cells.length - 1
    for (let cell = hash & mask; cells[cell] !== EMPTY; cell = (cell + 1) & mask) {
      const row = cells[cell] - 1
      if (cells[cell] !== GONE && this.hashes.array[row] === hash && this.isNamed(row, id)) return row
    }
    return -1
  }

  /** Is that the id of the row? Byte against letter, without making a text, as far as it is ASCII. */
  private isNamed(row: number, id: string): boolean {
    const start = this.startOf(row)
    const bytes = this.ends.array[row] - start
    if (bytes < id.length) return false // UTF-8 is never shorter
    const { buffer } = this.text
    for (let i = 0; i < id.length; i++) {
      const unit = id.charCodeAt(i)
      if (unit >= 0x80) return this.name(row) === id
      if (buffer[start + i] !== unit) return false
    }
    return bytes === id.length
  }

  private startOf(row: number): number {
    return row === 0 ? 0 : this.ends.array[row - 1]
  }
}
