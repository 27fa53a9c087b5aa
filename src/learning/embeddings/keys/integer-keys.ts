import { Column, hashPair, mix32 } from '../../../foundation/base/index.ts'
import { type Ids, Keys } from './keys.ts'

const NONE = 0xffff_ffff

/** Ids of 64 bits, kept as two halves per row: 8 bytes, and 8 to 16 for the slots. */
export class IntegerKeys extends Keys {
  readonly kind = 'integer'
  private low = 0
  private high = 0
  private readonly halves = new Column(Uint32Array, { width: 2, initial: NONE, rows: 512 }) // [row, (low, high)]
  private pairs: Uint32Array = new Uint32Array(0)
  private pairsOf: Ids | undefined

  read(ids: Ids, i: number): boolean {
    if (ids instanceof Uint32Array) {
      this.low = ids[i]
      this.high = this.low === NONE ? NONE : 0
    } else if (ids instanceof BigUint64Array) {
      if (this.pairsOf !== ids || this.pairs.length === 0) {
        this.pairs = new Uint32Array(ids.buffer, ids.byteOffset, ids.length * 2)
        this.pairsOf = ids
      }
      this.low = this.pairs[2 * i]
      this.high = this.pairs[2 * i + 1]
    } else {
      throw new TypeError('Cannot look up text in a table of integers: give a Uint32Array or a BigUint64Array')
    }
    if (this.low === NONE && this.high === NONE) return false
    this.hash = hashPair(this.low, this.high)
    this.hash2 = mix32(this.low ^ mix32(this.high ^ 0x51ed270b))
    return true
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
