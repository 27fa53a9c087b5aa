import { Column } from './column.ts'
import { hash32 } from './hash.ts'

const EMPTY = 0
const GONE = 0xffffffff

/**
 * Ids to dense rows and back, in typed arrays: open addressing on a 32-bit hash, verified against the id's bytes,
 * so two ids never share a row. Rows count up from 0 and are never reused; a forgotten id leaves no byte behind.
 * Cost: about 22 bytes plus the id's UTF-8 length.
 */
export class IdTable {
  private slots = new Uint32Array(1024) // row + 1, EMPTY or GONE
  private used = 0
  private readonly hashes = new Column(Uint32Array)
  private readonly ends = new Column(Float64Array) // end of the id in `text`; its start is the previous end
  private text = Buffer.alloc(4096)
  private textEnd = 0
  private count = 0

  /** Rows given out so far, forgotten ones included. */
  get size(): number {
    return this.count
  }

  get bytes(): number {
    return this.slots.byteLength + this.hashes.bytes + this.ends.bytes + this.text.byteLength
  }

  /** The row of an id, or -1. */
  find(id: string): number {
    const hash = hash32(id)
    const mask = this.slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const held = this.slots[slot]
      if (held === EMPTY) return -1
      if (held !== GONE && this.hashes.array[held - 1] === hash && this.name(held - 1) === id) return held - 1
    }
  }

  /** The row of an id, made if it is new. */
  row(id: string): number {
    const found = this.find(id)
    if (found >= 0) return found
    if ((this.used + 1) * 2 > this.slots.length) this.rehash()
    const row = this.count++
    this.hashes.ensure(row)
    this.ends.ensure(row)
    const hash = hash32(id)
    this.hashes.array[row] = hash
    const length = Buffer.byteLength(id)
    if (this.textEnd + length > this.text.length) {
      const grown = Buffer.alloc(Math.max(this.text.length * 2, this.textEnd + length))
      this.text.copy(grown, 0, 0, this.textEnd)
      this.text = grown
    }
    this.text.write(id, this.textEnd)
    this.textEnd += length
    this.ends.array[row] = this.textEnd
    this.place(row, hash)
    return row
  }

  /** The id of a row; the empty string when it was forgotten. */
  name(row: number): string {
    const start = row === 0 ? 0 : this.ends.array[row - 1]
    const end = this.ends.array[row]
    if (end - start <= 0 || this.text[start] === 0) return ''
    return this.text.toString('utf8', start, end)
  }

  /** Removes an id and overwrites its bytes. The row stays retired. */
  forget(id: string): void {
    const row = this.find(id)
    if (row < 0) return
    const mask = this.slots.length - 1
    let slot = this.hashes.array[row] & mask
    while (this.slots[slot] !== row + 1) slot = (slot + 1) & mask
    this.slots[slot] = GONE
    this.text.fill(0, row === 0 ? 0 : this.ends.array[row - 1], this.ends.array[row])
    this.hashes.array[row] = 0
  }

  private place(row: number, hash: number): void {
    const mask = this.slots.length - 1
    let slot = hash & mask
    while (this.slots[slot] !== EMPTY) slot = (slot + 1) & mask
    this.slots[slot] = row + 1
    this.used++
  }

  private rehash(): void {
    this.slots = new Uint32Array(this.slots.length * 2)
    this.used = 0
    for (let row = 0; row < this.count; row++) if (this.name(row) !== '') this.place(row, this.hashes.array[row])
  }
}
