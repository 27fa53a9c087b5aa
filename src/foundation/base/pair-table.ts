import { Cell } from './cell.ts'
import { hashPair } from './hash.ts'
import { grown } from './numbers.ts'
import type { Shelf, Shelved } from './shelf.ts'
import { Stack } from './stack.ts'

const FREE = 0xffffffff

/**
 * Open addressing from a pair of rows (user x category, segment x item) to a dense slot, so that the values of a
 * cross live in columns indexed by slot. Slots count up from 0; a removed pair's slot is reused by the next new one.
 * Cost: 8 bytes a pair and 8 a table cell at a load of at most one half.
 */
export class PairTable implements Shelved {
  private cells = new Uint32Array(1024).fill(FREE)
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
    const mask = this.cells.length - 1
    for (let cell = hashPair(a, b) & mask; ; cell = (cell + 1) & mask) {
      const slot = this.cells[cell]
      if (slot === FREE) return -1
      if (this.first[slot] === a && this.second[slot] === b) return slot
    }
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
    if ((this.size + 1) * 2 > this.cells.length) this.grow()
    const slot = this.spare.pop() ?? this.end.value++
    if (slot >= this.first.length) {
      this.first = grown(this.first, this.first.length * 2)
      this.second = grown(this.second, this.second.length * 2)
    }
    this.first[slot] = a
    this.second[slot] = b
    this.place(slot)
    return slot
  }

  /** Removes a pair by backward shift, so that no grave is left. Gives the freed slot, or -1. */
  remove(a: number, b: number): number {
    const slot = this.find(a, b)
    if (slot < 0) return -1
    const mask = this.cells.length - 1
    let hole = hashPair(a, b) & mask
    while (this.cells[hole] !== slot) hole = (hole + 1) & mask
    for (let cell = (hole + 1) & mask; this.cells[cell] !== FREE; cell = (cell + 1) & mask) {
      const home = hashPair(this.first[this.cells[cell]], this.second[this.cells[cell]]) & mask
      if (((cell - home) & mask) >= ((cell - hole) & mask)) {
        this.cells[hole] = this.cells[cell]
        hole = cell
      }
    }
    this.cells[hole] = FREE
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
    for (const name of ['cells', 'first', 'second'] as const) this[name] = shelf.array(name, this[name])
    shelf.part('spare', this.spare)
    shelf.part('end', this.end)
  }

  private place(slot: number): void {
    const mask = this.cells.length - 1
    let cell = hashPair(this.first[slot], this.second[slot]) & mask
    while (this.cells[cell] !== FREE) cell = (cell + 1) & mask
    this.cells[cell] = slot
  }

  private grow(): void {
    this.cells = grown(this.cells, this.cells.length * 2).fill(FREE)
    for (let slot = 0; slot < this.slots; slot++) {
      if (this.first[slot] !== FREE || this.second[slot] !== FREE) this.place(slot)
    }
  }
}
