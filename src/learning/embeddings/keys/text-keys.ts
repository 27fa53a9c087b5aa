import { Column, mix32 } from '../../../foundation/base/index.ts'
import { type Ids, Keys } from './keys.ts'

/** The longest id, in bytes of UTF-8. */
export const ID_BYTES_MAX = 65_535

/**
 * Ids of text, kept as UTF-8 in one arena: 10 bytes a row beside the text, and 8 to 16 for the slots. The text of a
 * removed id is overwritten at once; an arena more than half waste is packed anew.
 */
export class TextKeys extends Keys {
  readonly kind = 'text'
  private id = ''
  private plain = true // ASCII throughout
  private arena = Buffer.alloc(16_384)
  private end = 0
  private waste = 0
  private readonly hashes = new Column(Uint32Array, { rows: 512 })
  private readonly starts = new Column(Uint32Array, { rows: 512 })
  private readonly lengths = new Column(Uint16Array, { rows: 512 })

  read(ids: Ids, i: number): boolean {
    if (ArrayBuffer.isView(ids)) throw new TypeError('Cannot look up integers in a table of text: give strings')
    this.id = ids[i]
    if (this.id === '') return false
    if (!this.digest()) {
      // A half of a surrogate pair has no UTF-8: take what the bytes will say, so that the id is found again.
      this.id = Buffer.from(this.id).toString()
      this.digest()
    }
    return true
  }

  has(row: number): boolean {
    return row < this.lengths.rows && this.lengths.array[row] !== 0
  }

  name(row: number): string {
    if (!this.has(row)) return ''
    const start = this.starts.array[row]
    return this.arena.toString('utf8', start, start + this.lengths.array[row])
  }

  encode(rows: Iterable<number>, count: number): Uint8Array[] {
    const lengths = new Uint16Array(count)
    const texts: Buffer[] = []
    let i = 0
    for (const row of rows) {
      if (this.has(row)) {
        const start = this.starts.array[row]
        lengths[i] = this.lengths.array[row]
        texts.push(this.arena.subarray(start, start + lengths[i]))
      }
      i++
    }
    return [new Uint8Array(lengths.buffer), Buffer.concat(texts)]
  }

  decode(bytes: Uint8Array, count: number): Ids | undefined {
    if (bytes.length < count * 2) return undefined
    const lengths = new Uint16Array(bytes.slice(0, count * 2).buffer)
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const ids: string[] = []
    let at = count * 2
    for (const length of lengths) ids.push(text.toString('utf8', at, (at += length)))
    return at === bytes.length ? ids : undefined
  }

  protected get ownBytes(): number {
    return this.arena.byteLength + this.hashes.bytes + this.starts.bytes + this.lengths.bytes
  }

  protected isCurrent(row: number): boolean {
    if (this.hashes.array[row] !== this.hash) return false
    const length = this.lengths.array[row]
    if (!this.plain) return this.name(row) === this.id
    if (length !== this.id.length) return false
    const start = this.starts.array[row]
    for (let i = 0; i < length; i++) if (this.arena[start + i] !== this.id.charCodeAt(i)) return false
    return true
  }

  protected hashOf(row: number): number {
    return this.hashes.array[row]
  }

  protected keep(row: number): void {
    const length = this.plain ? this.id.length : Buffer.byteLength(this.id)
    if (length > ID_BYTES_MAX) throw new RangeError(`Cannot keep an id of ${length} bytes: at most ${ID_BYTES_MAX}`)
    if (this.end + length > this.arena.length) this.pack(length)
    for (const column of [this.hashes, this.starts, this.lengths]) column.ensure(row)
    this.arena.write(this.id, this.end, this.plain ? 'latin1' : 'utf8')
    this.hashes.array[row] = this.hash
    this.starts.array[row] = this.end
    this.lengths.array[row] = length
    this.end += length
  }

  protected drop(row: number): void {
    const start = this.starts.array[row]
    this.arena.fill(0, start, start + this.lengths.array[row])
    this.waste += this.lengths.array[row]
    this.lengths.array[row] = 0
  }

  /** Two FNV-like hashes of the UTF-16 units, in one pass. False when a unit is half of a surrogate pair. */
  private digest(): boolean {
    let a = 0x811c9dc5
    let b = 0x2f0b4c47
    let all = 0
    let halves = false
    for (let i = 0; i < this.id.length; i++) {
      const unit = this.id.charCodeAt(i)
      a = Math.imul(a ^ unit, 0x01000193)
      b = Math.imul(b ^ unit, 0x5bd1e995)
      all |= unit
      if ((unit & 0xf800) === 0xd800) halves = true
    }
    this.hash = mix32(a)
    this.hash2 = mix32(b)
    this.plain = all < 0x80
    return !halves || Buffer.from(this.id).toString() === this.id
  }

  private pack(more: number): void {
    const live = this.end - this.waste
    const roomy = this.waste * 2 > this.end ? this.arena.length : this.arena.length * 2
    const packed = Buffer.alloc(Math.max(roomy, (live + more) * 2))
    let end = 0
    for (let row = 0; row < this.lengths.rows; row++) {
      const length = this.lengths.array[row]
      if (length === 0) continue
      const start = this.starts.array[row]
      this.arena.copy(packed, end, start, start + length)
      this.starts.array[row] = end
      end += length
    }
    this.arena = packed
    this.end = end
    this.waste = 0
  }
}
