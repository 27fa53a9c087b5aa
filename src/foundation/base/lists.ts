import { Cell } from './cell.ts'
import { Column } from './column.ts'
import { grown } from './numbers.ts'
import type { Shelf, Shelved } from './shelf.ts'

const SMALLEST = 4
/** Classes of blocks: 4, 8, 16, ... values. */
const CLASSES = 30

/**
 * One growing list of unsigned 32-bit values per row, in one pool. A list that fills its block moves to one of
 * twice the size and leaves the old one on a free list (chained through the blocks themselves), so short lists are cheap and nothing is an object.
 */
export class Lists implements Shelved {
  private pool = new Uint32Array(1024)
  private readonly end = new Cell()
  private readonly heads = new Column(Uint32Array, { width: 2 }) // start and length, side by side: read together, at random
  private readonly sizes = new Column(Uint32Array) // block size, 0 when the row has none
  private free = new Uint32Array(CLASSES) // by block class: start + 1 of the block freed last, whose first cell names the one before
  readonly limit: number

  /** `limit`: the longest list kept; pushing past it drops the oldest value. */
  constructor(limit = 0x7fffffff) {
    this.limit = limit
  }

  length(row: number): number {
    return row >= 0 && row < this.heads.rows ? this.heads.array[2 * row + 1] : 0
  }

  at(row: number, index: number): number {
    return this.pool[this.heads.array[2 * row] + index]
  }

  set(row: number, index: number, value: number): void {
    this.pool[this.heads.array[2 * row] + index] = value
  }

  /** The list as a view: valid until the next push anywhere. */
  view(row: number): Uint32Array {
    const length = this.length(row)
    if (length === 0) return EMPTY
    const start = this.heads.array[2 * row]
    return this.pool.subarray(start, start + length)
  }

  push(row: number, value: number): void {
    this.heads.ensure(row)
    this.sizes.ensure(row)
    const length = this.heads.array[2 * row + 1]
    if (length >= this.limit) {
      const start = this.heads.array[2 * row]
      this.pool.copyWithin(start, start + 1, start + length)
      this.pool[start + length - 1] = value
      return
    }
    if (length === this.sizes.array[row]) this.move(row, Math.max(SMALLEST, length * 2))
    this.pool[this.heads.array[2 * row] + length] = value
    this.heads.array[2 * row + 1] = length + 1
  }

  includes(row: number, value: number): boolean {
    const start = this.heads.array[2 * row]
    for (let i = this.length(row) - 1; i >= 0; i--) if (this.pool[start + i] === value) return true
    return false
  }

  /** Replaces the list. */
  assign(row: number, values: ArrayLike<number>): void {
    this.clear(row)
    for (let i = 0; i < values.length; i++) this.push(row, values[i])
  }

  /** Removes the first occurrence; keeps the order of the rest. */
  remove(row: number, value: number): boolean {
    const length = this.length(row)
    const start = this.heads.array[2 * row]
    for (let i = 0; i < length; i++) {
      if (this.pool[start + i] !== value) continue
      this.pool.copyWithin(start + i, start + i + 1, start + length)
      this.pop(row)
      return true
    }
    return false
  }

  /** Drops the last value. */
  pop(row: number): void {
    const length = this.length(row)
    if (length === 0) return
    this.pool[this.heads.array[2 * row] + length - 1] = 0
    this.heads.array[2 * row + 1] = length - 1
  }

  clear(row: number): void {
    const length = this.length(row)
    if (length === 0) return
    const start = this.heads.array[2 * row]
    this.pool.fill(0, start, start + length)
    this.heads.array[2 * row + 1] = 0
  }

  shelve(shelf: Shelf): void {
    this.pool = shelf.array('pool', this.pool)
    this.free = shelf.array('free', this.free)
    for (const name of ['end', 'heads', 'sizes'] as const) shelf.part(name, this[name])
  }

  private move(row: number, size: number): void {
    const start = this.take(size)
    const [old, length] = [this.heads.array[2 * row], this.heads.array[2 * row + 1]]
    this.pool.copyWithin(start, old, old + length)
    if (this.sizes.array[row] > 0) {
      const kind = classOf(this.sizes.array[row])
      this.pool.fill(0, old, old + length)
      this.pool[old] = this.free[kind]
      this.free[kind] = old + 1
    }
    this.heads.array[2 * row] = start
    this.sizes.array[row] = size
  }

  /** The start of a block that is all zeros. */
  private take(size: number): number {
    const kind = classOf(size)
    const freed = this.free[kind]
    if (freed > 0) {
      this.free[kind] = this.pool[freed - 1]
      this.pool[freed - 1] = 0
      return freed - 1
    }
    const start = this.end.value
    this.end.value += size
    if (start + size > this.pool.length) this.pool = grown(this.pool, Math.max(this.pool.length * 2, start + size))
    return start
  }
}

function classOf(size: number): number {
  return Math.log2(size / SMALLEST)
}

const EMPTY = new Uint32Array(0)
