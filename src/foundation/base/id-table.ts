import { Bytes } from './bytes.ts'
import { Cell } from './cell.ts'
import { Column } from './column.ts'
import { hash32 } from './hash.ts'
import { grown, zeros } from './numbers.ts'
import type { Shelf, Shelved } from './shelf.ts'

const EMPTY = 0
const GONE = 0xffffffff
/** Slots that a new id moves on: at least 2, so that all are moved before the next growth. */
const STEP = 16

/**
 * Ids to dense rows and back, in typed arrays: open addressing on a 32-bit hash, verified against the id's bytes,
 * so two ids never share a row. Rows count up from 0 and are never reused; a forgotten id leaves no byte behind.
 * Cost: about 22 bytes plus the id's UTF-8 length.
 *
 * A table that grows is moved slot by slot, some with every new id, so that none waits for all of them. The slots it leaves
 * stand until then and are looked at second.
 */
export class IdTable implements Shelved {
  private slots = new Uint32Array(1024) // row + 1, EMPTY or GONE
  private readonly used = new Cell()
  private leaving = new Uint32Array(1)
  /** Slots moved of those it leaves. */
  private readonly moved = new Cell()
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
    const row = this.rowIn(this.slots, hash, id)
    return row >= 0 || this.leaving.length === 1 ? row : this.rowIn(this.leaving, hash, id)
  }

  /** The row of an id, made if it is new. */
  row(id: string): number {
    const found = this.find(id)
    if (found >= 0) return found
    if (this.leaving.length > 1) this.move(STEP)
    if ((this.used.value + 1) * 2 > this.slots.length) this.grow()
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
    this.place(row, hash)
    return row
  }

  /** The id of a row; the empty string when it was forgotten. */
  name(row: number): string {
    const start = this.startOf(row)
    const end = this.ends.array[row]
    const { buffer } = this.text
    if (end - start <= 0 || buffer[start] === 0) return ''
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
    for (const slots of [this.slots, this.leaving]) {
      const slot = slotOf(slots, this.hashes.array[row], row)
      if (slot >= 0) slots[slot] = GONE
    }
    this.text.buffer.fill(0, this.startOf(row), this.ends.array[row])
    this.hashes.array[row] = 0
  }

  shelve(shelf: Shelf): void {
    for (const name of ['slots', 'leaving'] as const) this[name] = shelf.array(name, this[name])
    for (const name of ['hashes', 'ends', 'text', 'used', 'count', 'moved'] as const) shelf.part(name, this[name])
  }

  private rowIn(slots: Uint32Array, hash: number, id: string): number {
    const mask = slots.length - 1
    for (let slot = hash & mask; slots[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const held = slots[slot]
      if (held !== GONE && this.hashes.array[held - 1] === hash && this.isNamed(held - 1, id)) return held - 1
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

  private place(row: number, hash: number): void {
    const mask = this.slots.length - 1
    let slot = hash & mask
    while (this.slots[slot] !== EMPTY) slot = (slot + 1) & mask
    this.slots[slot] = row + 1
    this.used.value++
  }

  private grow(): void {
    this.move(this.leaving.length)
    this.leaving = this.slots
    this.moved.value = 0
    this.used.value = 0
    this.slots = grown(this.slots.subarray(0, 0), this.leaving.length * 2)
  }

  /** Moves the next so many slots that are left behind. */
  private move(count: number): void {
    const { leaving, moved, hashes } = this
    const end = Math.min(leaving.length, moved.value + count)
    for (let slot = moved.value; slot < end; slot++) {
      const held = leaving[slot]
      if (held !== EMPTY && held !== GONE) this.place(held - 1, hashes.array[held - 1])
    }
    moved.value = end
    if (end === leaving.length) this.leaving = zeros(Uint32Array, 1)
  }
}

/** The slot that holds a row, or -1. */
function slotOf(slots: Uint32Array, hash: number, row: number): number {
  const mask = slots.length - 1
  for (let slot = hash & mask; slots[slot] !== EMPTY; slot = (slot + 1) & mask) if (slots[slot] === row + 1) return slot
  return -1
}
