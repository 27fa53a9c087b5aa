import { Cell, mix32, type Shelf, type Shelved } from '../../foundation/base/index.ts'

const START = 1024
/** Half of a pair that was removed from cells that are left behind. */
const GONE = 0xffffffff
/** Cells that a new pair moves on: at least 2, so that all are moved before the next growth. */
const STEP = 16

/**
 * Remembers event ids as 64-bit fingerprints, to tell duplicates. Two generations of `window` ids: when the young one
 * is full it becomes the old one and the old one is emptied, so at least the latest `window` ids are remembered and
 * never more than twice as many. Two ids are taken for one with a chance of about window / 2^63 per new id.
 * Cost: 16 to 32 bytes an id, in two tables that grow to what is used.
 */
export class Dedupe implements Shelved {
  readonly window: number
  private young = new Fingerprints()
  private old = new Fingerprints()

  constructor(window: number) {
    if (!(window >= 1)) throw new RangeError(`Cannot remember ${window} ids: at least 1`)
    this.window = window
  }

  has(id: string): boolean {
    fingerprint(id)
    return this.young.has(low, high) || this.old.has(low, high)
  }

  /** Remembers an id; false when it was remembered already. */
  add(id: string): boolean {
    fingerprint(id)
    if (this.young.has(low, high) || this.old.has(low, high)) return false
    if (this.young.count >= this.window) {
      const emptied = this.old
      emptied.clear()
      this.old = this.young
      this.young = emptied
    }
    this.young.add(low, high)
    return true
  }

  /** Forgets an id whose event was not kept after all. */
  forget(id: string): void {
    fingerprint(id)
    if (!this.young.remove(low, high)) this.old.remove(low, high)
  }

  shelve(shelf: Shelf): void {
    shelf.part('young', this.young)
    shelf.part('old', this.old)
  }
}

/**
 * A set of pairs of 32 bits: open addressing, linear probing, load at most one half. When it grows, every new pair moves some of
 * those before, so that none waits for all; the cells they leave are looked at second until then.
 */
class Fingerprints implements Shelved {
  private readonly held = new Cell()
  /** Low, high; both 0: empty. */
  private cells = new Uint32Array(2 * START)
  private leaving = new Uint32Array(2)
  /** Cells moved of those it leaves. */
  private readonly moved = new Cell()

  get count(): number {
    return this.held.value
  }

  has(a: number, b: number): boolean {
    return cellOf(this.cells, a, b) >= 0 || (this.leaving.length > 2 && cellOf(this.leaving, a, b) >= 0)
  }

  /** Adds a pair that is not in the set. */
  add(a: number, b: number): void {
    if (this.leaving.length > 2) this.move(STEP)
    if ((this.count + 1) * 4 > this.cells.length) this.grow()
    this.place(a, b)
    this.held.value++
  }

  remove(a: number, b: number): boolean {
    const left = this.leaving.length > 2 ? cellOf(this.leaving, a, b) : -1
    if (left >= 0) this.leaving.fill(GONE, 2 * left, 2 * left + 2)
    const here = this.close(a, b)
    if (here || left >= 0) this.held.value--
    return here || left >= 0
  }

  clear(): void {
    this.cells = new Uint32Array(this.cells.length) // zeros that cost nothing until they are written
    this.leaving = new Uint32Array(2)
    this.held.value = 0
  }

  shelve(shelf: Shelf): void {
    for (const name of ['cells', 'leaving'] as const) this[name] = shelf.array(name, this[name])
    shelf.part('held', this.held)
    shelf.part('moved', this.moved)
  }

  private place(a: number, b: number): void {
    const mask = this.cells.length / 2 - 1
    let cell = a & mask
    while (!isEmpty(this.cells, cell)) cell = (cell + 1) & mask
    this.cells[2 * cell] = a
    this.cells[2 * cell + 1] = b
  }

  /** Removes by backward shift, so that no grave is left. */
  private close(a: number, b: number): boolean {
    const { cells } = this
    let hole = cellOf(cells, a, b)
    if (hole < 0) return false
    const mask = cells.length / 2 - 1
    for (let cell = (hole + 1) & mask; !isEmpty(cells, cell); cell = (cell + 1) & mask) {
      const home = cells[2 * cell] & mask
      if (((cell - home) & mask) < ((cell - hole) & mask)) continue
      cells.copyWithin(2 * hole, 2 * cell, 2 * cell + 2)
      hole = cell
    }
    cells.fill(0, 2 * hole, 2 * hole + 2)
    return true
  }

  private grow(): void {
    this.move(this.leaving.length)
    this.leaving = this.cells
    this.moved.value = 0
    this.cells = new Uint32Array(this.leaving.length * 2)
  }

  /** Moves the next so many cells that are left behind. */
  private move(count: number): void {
    const { leaving, moved } = this
    const end = Math.min(leaving.length / 2, moved.value + count)
    for (let cell = moved.value; cell < end; cell++) {
      const a = leaving[2 * cell]
      const b = leaving[2 * cell + 1]
      if ((a !== 0 || b !== 0) && (a !== GONE || b !== GONE)) this.place(a, b)
    }
    moved.value = end
    if (2 * end === leaving.length) this.leaving = new Uint32Array(2)
  }
}

function isEmpty(cells: Uint32Array, cell: number): boolean {
  return cells[2 * cell] === 0 && cells[2 * cell + 1] === 0
}

/** The cell of a pair, or -1. */
function cellOf(cells: Uint32Array, a: number, b: number): number {
  const mask = cells.length / 2 - 1
  for (let cell = a & mask; !isEmpty(cells, cell); cell = (cell + 1) & mask)
    if (cells[2 * cell] === a && cells[2 * cell + 1] === b) return cell
  return -1
}

let low = 0
let high = 0

/**
 * 64 bits of a text, left in `low` and `high`: two lanes of rotate, xor, multiply (unlike rotations and multipliers,
 * so that a collision in one says nothing of the other), finished by Murmur3. Never both 0, nor both all ones.
 */
function fingerprint(text: string): void {
  let a = 0x9e3779b9 ^ text.length
  let b = 0x243f6a88
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(((a << 5) | (a >>> 27)) ^ unit, 0x85ebca6b)
    b = Math.imul(((b << 13) | (b >>> 19)) ^ unit, 0xc2b2ae35)
  }
  low = mix32(a)
  high = mix32(b ^ 0x5bd1e995)
  if ((low === 0 && high === 0) || (low === GONE && high === GONE)) high = 1
}
