import { mix32, PairTable, type Shelf, type Shelved } from '../../foundation/base/index.ts'

/**
 * Remembers event ids as 64-bit fingerprints, to tell duplicates. Two generations of `window` ids: when the young one
 * is full it becomes the old one and the old one is dropped, so at least the latest `window` ids are remembered and
 * never more than twice as many. Two ids are taken for one with a chance of about window / 2^63 per new id.
 * Cost: 16 to 32 bytes an id, in two tables that grow to what is used.
 */
export class Dedupe implements Shelved {
  readonly window: number
  private young = new PairTable()
  private old = new PairTable()

  constructor(window: number) {
    if (!(window >= 1)) throw new RangeError(`Cannot remember ${window} ids: at least 1`)
    this.window = window
  }

  has(id: string): boolean {
    fingerprint(id)
    return this.young.find(low, high) >= 0 || this.old.find(low, high) >= 0
  }

  /** Remembers an id; false when it was remembered already. */
  add(id: string): boolean {
    if (this.has(id)) return false
    if (this.young.size >= this.window) {
      this.old = this.young
      this.young = new PairTable()
    }
    this.young.slot(low, high)
    return true
  }

  /** Forgets an id whose event was not kept after all. */
  forget(id: string): void {
    fingerprint(id)
    if (this.young.remove(low, high) < 0) this.old.remove(low, high)
  }

  shelve(shelf: Shelf): void {
    shelf.part('young', this.young)
    shelf.part('old', this.old)
  }
}

let low = 0
let high = 0

/**
 * 64 bits of a text, left in `low` and `high`: two lanes of rotate, xor, multiply (unlike rotations and multipliers,
 * so that a collision in one says nothing of the other), finished by Murmur3.
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
}
