import { Cell } from './cell.ts'
import { hashPair } from './hash.ts'
import { grown } from './numbers.ts'
import { EMPTY, GONE, RowCells } from './row-cells.ts'
import type { Shelf, Shelved } from './shelf.ts'
import { Stack } from './stack.ts'

/** Rows of a slot that holds no pair. */
const FREE = 0xffffffff

/**
 * Open addressing from a pair of rows (user x category, segment x item) to a dense slot, so that the values of a
 * cross live in columns indexed by slot. Slots count up from 0; a removed pair's slot is reused by the next new one.
 * Cost: 8 bytes a pair and 8 a table cell at a load of at most one half.
 */
export class PairTable implements Shelved {
  private readonly cells = new RowCells((slot) => hashPair(this.first[slot], this.second[slot]))
  private first = new Uint32Array(512)
  private second = new Uint32Array(512)
  private readonly spare = new Stack()
  private readonly end = new Cell()

  /** Slots in use. */
  get size(): number {
    return this.end.value - this.spare.length
  }

  /** One past the highest slot ever given out. */
  get slots(): number {
    return this.end.value
  }

  /** The slot of a pair, or -1. */
  find(a: number, b: number): number {
    const hash = hashPair(a, b)
    const { now, leaving, isMoving } = this.cells
    const slot = this.slotIn(now, hash, a, b)
    return slot >= 0 || !isMoving ? slot : this.slotIn(leaving, hash, a, b)
  }

  /** Does a slot hold a pair? */
  held(slot: number): boolean {
    return slot >= 0 && slot < this.end.value && (this.first[slot] !== FREE || this.second[slot] !== FREE)
  }

  /** The first and the second row of the pair in a slot that is held. */
  firstOf(slot: number): number {
    return this.first[slot]
  }

  secondOf(slot: number): number {
    return this.second[slot]
  }

  /** The slot of a pair, made if it is new. */
  slot(a: number, b: number): number {
    const found = this.find(a, b)
    if (found >= 0) return found
    this.cells.room()
    const slot = this.spare.pop() ?? this.end.value++
    if (slot >= this.first.length) {
      this.first = grown(this.first, this.first.length * 2)
      this.second = grown(this.second, this.second.length * 2)
    }
    this.first[slot] = a
    this.second[slot] = b
    this.cells.place(slot)
    return slot
  }

  /** Removes a pair. Gives the freed slot, or -1. */
  remove(a: number, b: number): number {
    const slot = this.find(a, b)
    if (slot < 0) return -1
    this.cells.remove(slot)
    this.first[slot] = FREE
    this.second[slot] = FREE
    this.spare.push(slot)
    return slot
  }

  /** Calls back for every pair, in slot order. */
  each(visit: (a: number, b: number, slot: number) => void): void {
    for (let slot = 0; slot < this.slots; slot++) {
      if (this.first[slot] !== FREE || this.second[slot] !== FREE) visit(this.first[slot], this.second[slot], slot)
    }
  }

  shelve(shelf: Shelf): void {
    this.cells.shelveArrays(shelf, 'cells')
    for (const name of ['first', 'second'] as const) this[name] = shelf.array(name, this[name])
    shelf.part('spare', this.spare)
    shelf.part('end', this.end)
    shelf.part('used', this.cells.used)
    shelf.part('moved', this.cells.moved)
  }

  private slotIn(cells: Uint32Array, hash: number, a: number, b: number): number {
    const mask = cells.length - 1
    for (let cell = hash & mask; cells[cell] !== EMPTY; cell = (cell + 1) & mask) {
      const slot = cells[cell] - 1
      if (cells[cell] !== GONE && this.first[slot] === a && this.second[slot] === b) return slot
    }
    return -1
  }
}
