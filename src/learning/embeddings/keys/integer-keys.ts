import { Column, hashPair, mix32 } from '../../../foundation/base/index.ts'
import { EMPTY, type Ids, Keys } from './keys.ts'

const NONE = 0xffff_ffff

function wide(ids: Ids): BigUint64Array {
  if (ids instanceof BigUint64Array) return ids
  throw new TypeError('Cannot look up text in a table of integers: give a Uint32Array or a BigUint64Array')
}

/** Ids of 64 bits, kept as two halves per row: 8 bytes, and 8 to 16 for the slots. */
export class IntegerKeys extends Keys {
  readonly kind = 'integer'
  private low = 0
  private high = 0
  private readonly halves = new Column(Uint32Array, { width: 2, initial: NONE, rows: 512 }) // [row, (low, high)]

  read(ids: Ids, i: number): boolean {
    if (ids instanceof Uint32Array) {
      this.low = ids[i]
      this.high = this.low === NONE ? NONE : 0
    } else {
      const id = wide(ids)[i]
      this.low = Number(id & 0xffff_ffffn)
      this.high = Number(id >> 32n)
    }
    if (this.low === NONE && this.high === NONE) return false
    this.hash = hashPair(this.low, this.high)
    this.hash2 = mix32(this.low ^ mix32(this.high ^ 0x51ed270b))
    return true
  }

  override findAll(ids: Ids, out: Uint32Array): void {
    const narrow = ids instanceof Uint32Array
    const words = narrow ? ids : new Uint32Array(wide(ids).buffer, wide(ids).byteOffset, ids.length * 2)
    const step = narrow ? 1 : 2
    const { slots } = this
    const halves = this.halves.array
    const mask = slots.length - 1
    // All words as int32: twice as fast as uint32, whose upper half the engine keeps as floating point.
    for (let i = 0, at = 0; i < ids.length; i++, at += step) {
      const low = words[at] | 0
      const high = narrow ? 0 : words[at + 1] | 0
      if (low === -1 && (narrow || high === -1)) {
        out[i] = EMPTY
        continue
      }
      let slot = hashPair(low, high) & mask
      let held = slots[slot] | 0
      while (held !== 0 && ((halves[2 * held - 2] | 0) !== low || (halves[2 * held - 1] | 0) !== high)) {
        slot = (slot + 1) & mask
        held = slots[slot] | 0
      }
      out[i] = held - 1 // ABSENT when the slot is empty
    }
  }

  has(row: number): boolean {
    if (row >= this.halves.rows) return false
    return this.halves.array[2 * row] !== NONE || this.halves.array[2 * row + 1] !== NONE
  }

  name(row: number): string {
    if (!this.has(row)) return ''
    return String((BigInt(this.halves.array[2 * row + 1]) << 32n) | BigInt(this.halves.array[2 * row]))
  }

  encode(rows: Iterable<number>, count: number): Uint8Array[] {
    const pairs = new Uint32Array(count * 2)
    let i = 0
    for (const row of rows) {
      const known = row < this.halves.rows
      pairs[i++] = known ? this.halves.array[2 * row] : NONE
      pairs[i++] = known ? this.halves.array[2 * row + 1] : NONE
    }
    return [new Uint8Array(pairs.buffer)]
  }

  decode(bytes: Uint8Array, count: number): Ids | undefined {
    if (bytes.length !== count * 8) return undefined
    return new BigUint64Array(bytes.slice().buffer)
  }

  protected get ownBytes(): number {
    return this.halves.bytes
  }

  protected isCurrent(row: number): boolean {
    return this.halves.array[2 * row] === this.low && this.halves.array[2 * row + 1] === this.high
  }

  protected hashOf(row: number): number {
    return hashPair(this.halves.array[2 * row], this.halves.array[2 * row + 1])
  }

  protected keep(row: number): void {
    this.halves.ensure(row)
    this.halves.array[2 * row] = this.low
    this.halves.array[2 * row + 1] = this.high
  }

  protected drop(row: number): void {
    this.halves.clear(row)
  }
}
