import { Cell, mix32, type Shelf, type Shelved } from '../../foundation/base/index.ts'

const START = 1024

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

/** A set of pairs of 32 bits: open addressing, linear probing, load at most one half. */
class Fingerprints implements Shelved {
  private readonly held = new Cell()
  private cells = new Uint32Array(2 * START) // low, high; both 0: empty

  get count(): number {
    return this.held.value
  }

  has(a: number, b: number): boolean {
    return this.find(a, b) >= 0
  }

  /** Adds a pair that is not in the set. */
  add(a: number, b: number): void {
    if ((this.count + 1) * 4 > this.cells.length) this.grow()
    this.place(a, b)
    this.held.value++
  }

  /** Removes by backward shift, so that no grave is left. */
  remove(a: number, b: number): boolean {
    let hole = this.find(a, b)
    if (hole < 0) return false
    const mask = this.cells.length / 2 - 1
    for (let cell = (hole + 1) & mask; !this.empty(cell); cell = (cell + 1) & mask) {
      const home = this.cells[2 * cell] & mask
      if (((cell - home) & mask) < ((cell - hole) & mask)) continue
      this.cells[2 * hole] = this.cells[2 * cell]
      this.cells[2 * hole + 1] = this.cells[2 * cell + 1]
      hole = cell
    }
    this.cells[2 * hole] = 0
    this.cells[2 * hole + 1] = 0
    this.held.value--
    return true
  }

  clear(): void {
    this.cells.fill(0)
    this.held.value = 0
  }

  shelve(shelf: Shelf): void {
    this.cells = shelf.array('cells', this.cells)
    shelf.part('held', this.held)
  }

  private empty(cell: number): boolean {
    return this.cells[2 * cell] === 0 && this.cells[2 * cell + 1] === 0
  }

  private find(a: number, b: number): number {
    const mask = this.cells.length / 2 - 1
    for (let cell = a & mask; !this.empty(cell); cell = (cell + 1) & mask) {
      if (this.cells[2 * cell] === a && this.cells[2 * cell + 1] === b) return cell
    }
    return -1
  }

  private place(a: number, b: number): void {
    const mask = this.cells.length / 2 - 1
    let cell = a & mask
    while (!this.empty(cell)) cell = (cell + 1) & mask
    this.cells[2 * cell] = a
    this.cells[2 * cell + 1] = b
  }

  private grow(): void {
    const before = this.cells
    this.cells = new Uint32Array(before.length * 2)
    for (let i = 0; i < before.length; i += 2) {
      if (before[i] !== 0 || before[i + 1] !== 0) this.place(before[i], before[i + 1])
    }
  }
}

let low = 0
let high = 0

/**
 * 64 bits of a text, left in `low` and `high`: two lanes of rotate, xor, multiply (unlike rotations and multipliers,
 * so that a collision in one says nothing of the other), finished by Murmur3. Never both 0.
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
  if (low === 0 && high === 0) high = 1
}
