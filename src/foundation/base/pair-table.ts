import { Cell } from './cell.ts'
import { hashPair } from './hash.ts'
import { grown, zeros } from './numbers.ts'
import type { Shelf, Shelved } from './shelf.ts'
import { Stack } from './stack.ts'

/** Rows of a slot that holds no pair. */
const FREE = 0xffffffff
/** A cell without a slot; in the others stands the slot + 1. */
const EMPTY = 0
/** A cell that is left behind, of a pair that was removed since. */
const GONE = 0xffffffff
/** Cells that a new pair moves on: at least 2, so that all are moved before the next growth. */
const STEP = 16

/**
 * Open addressing from a pair of rows (user x category, segment x item) to a dense slot, so that the values of a
 * cross live in columns indexed by slot. Slots count up from 0; a removed pair's slot is reused by the next new one.
 * Cost: 8 bytes a pair and 8 a table cell at a load of at most one half.
 *
 * A table that grows is moved cell by cell, some with every new pair, so that no pair waits for all of them. The cells it
 * leaves stand until then and are looked at second.
 */
export class PairTable implements Shelved {
  private cells = new Uint32Array(1024)
  private leaving = new Uint32Array(1)
  /** Cells moved of those it leaves; as many as there are when nothing is moved. */
  private readonly moved = new Cell()
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
    const { cells, leaving } = this
    let mask = cells.length - 1
    for (let cell = hash & mask; cells[cell] !== EMPTY; cell = (cell + 1) & mask) {
      const slot = cells[cell] - 1
      if (this.first[slot] === a && this.second[slot] === b) return slot
    }
    if (leaving.length === 1) return -1
    mask = leaving.length - 1
    for (let cell = hash & mask; leaving[cell] !== EMPTY; cell = (cell + 1) & mask) {
      const slot = leaving[cell] - 1
      if (leaving[cell] !== GONE && this.first[slot] === a && this.second[slot] === b) return slot
    }
    return -1
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
    if (this.leaving.length > 1) this.move(STEP)
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

  /** Removes a pair. Gives the freed slot, or -1. */
  remove(a: number, b: number): number {
    const slot = this.find(a, b)
    if (slot < 0) return -1
    const hash = hashPair(a, b)
    this.close(hash, slot)
    if (this.leaving.length > 1) {
      const cell = cellOf(this.leaving, hash, slot)
      if (cell >= 0) this.leaving[cell] = GONE
    }
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
    for (const name of ['cells', 'leaving', 'first', 'second'] as const) this[name] = shelf.array(name, this[name])
    shelf.part('spare', this.spare)
    shelf.part('end', this.end)
    shelf.part('moved', this.moved)
  }

  private place(slot: number): void {
    const mask = this.cells.length - 1
    let cell = hashPair(this.first[slot], this.second[slot]) & mask
    while (this.cells[cell] !== EMPTY) cell = (cell + 1) & mask
    this.cells[cell] = slot + 1
  }

  /** Empties the cell of a slot, if it has one, by backward shift: no grave is left. */
  private close(hash: number, slot: number): void {
    const { cells } = this
    const mask = cells.length - 1
    let hole = cellOf(cells, hash, slot)
    if (hole < 0) return
    for (let cell = (hole + 1) & mask; cells[cell] !== EMPTY; cell = (cell + 1) & mask) {
      const held = cells[cell] - 1
      const home = hashPair(this.first[held], this.second[held]) & mask
      if (((cell - home) & mask) >= ((cell - hole) & mask)) {
        cells[hole] = cells[cell]
        hole = cell
      }
    }
    cells[hole] = EMPTY
  }

  private grow(): void {
    this.move(this.leaving.length)
    this.leaving = this.cells
    this.moved.value = 0
    this.cells = grown(this.cells.subarray(0, 0), this.leaving.length * 2)
  }

  /** Moves the next so many cells that are left behind. */
  private move(count: number): void {
    const { leaving, moved } = this
    const end = Math.min(leaving.length, moved.value + count)
    for (let cell = moved.value; cell < end; cell++)
      if (leaving[cell] !== EMPTY && leaving[cell] !== GONE) this.place(leaving[cell] - 1)
    moved.value = end
    if (end === leaving.length) this.leaving = zeros(Uint32Array, 1)
  }
}

/** The cell that holds a slot, or -1. */
function cellOf(cells: Uint32Array, hash: number, slot: number): number {
  const mask = cells.length - 1
  for (let cell = hash & mask; cells[cell] !== EMPTY; cell = (cell + 1) & mask)
    if (cells[cell] === slot + 1) return cell
  return -1
}
