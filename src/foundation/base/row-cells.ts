import { Cell } from './cell.ts'
import { grown, zeros } from './numbers.ts'
import type { Shelf } from './shelf.ts'

/** A cell without a row; in the others stands the row + 1. */
export const EMPTY = 0
/** A cell that is left behind, of a row that was removed since. */
export const GONE = 0xffffffff
/** Cells that a new row moves on: at least 2, so that all are moved before the next growth. */
const STEP = 16

/**
 * The cells of an open-addressed table: rows by the hash of what they hold, linear probing, load at most one half. Its owner
 * looks through them, from the cell of the hash on to the first empty one: no call for each.
 *
 * One that grows is moved cell by cell, some with every new row, so that none waits for all of them. The cells it leaves
 * stand until then and are looked at second.
 */
export class RowCells {
  now = new Uint32Array(1024)
  /** A single empty one when nothing is moved. */
  leaving = new Uint32Array(1)
  private readonly hashOf: (row: number) => number
  /** Cells that hold a row, but for those left behind. */
  readonly used = new Cell()
  /** Cells moved of those it leaves. */
  readonly moved = new Cell()

  /** `hashOf`: of a row that is held. */
  constructor(hashOf: (row: number) => number) {
    this.hashOf = hashOf
  }

  /** Makes room for one more row: call it before what the row holds is known to `hashOf`. */
  room(): void {
    if (this.isMoving) this.move(STEP)
    if ((this.used.value + 1) * 2 > this.now.length) this.grow()
  }

  /** Takes a row that is not held. */
  place(row: number): void {
    const { now } = this
    const mask = now.length - 1
    let cell = this.hashOf(row) & mask
    while (now[cell] !== EMPTY) cell = (cell + 1) & mask
    now[cell] = row + 1
    this.used.value++
  }

  /** Lets go of a row; what it holds must still be known. */
  remove(row: number): void {
    const hash = this.hashOf(row)
    const left = cellOf(this.leaving, hash, row)
    if (left >= 0) this.leaving[left] = GONE
    this.close(cellOf(this.now, hash, row))
  }

  /** Its arrays, by the name of the first. The two counts are the owner's to shelve. */
  shelveArrays(shelf: Shelf, name: string): void {
    this.now = shelf.array(name, this.now)
    this.leaving = shelf.array('leaving', this.leaving)
  }

  get isMoving(): boolean {
    return this.leaving.length > 1
  }

  /** Empties a cell by backward shift: no grave is left. */
  private close(cell: number): void {
    if (cell < 0) return
    const { now } = this
    const mask = now.length - 1
    let hole = cell
    for (let next = (hole + 1) & mask; now[next] !== EMPTY; next = (next + 1) & mask) {
      const home = this.hashOf(now[next] - 1) & mask
      if (((next - home) & mask) < ((next - hole) & mask)) continue
      now[hole] = now[next]
      hole = next
    }
    now[hole] = EMPTY
    this.used.value--
  }

  private grow(): void {
    this.move(this.leaving.length)
    this.leaving = this.now
    this.moved.value = 0
    this.used.value = 0
    this.now = grown(this.now.subarray(0, 0), this.leaving.length * 2)
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

/** The cell that holds a row, or -1. */
function cellOf(cells: Uint32Array, hash: number, row: number): number {
  const mask = cells.length - 1
  for (let cell = hash & mask; cells[cell] !== EMPTY; cell = (cell + 1) & mask) if (cells[cell] === row + 1) return cell
  return -1
}
