import { mix32 } from '../../foundation/base/index.ts'

export interface AdmissionOptions {
  /** An id gets a row with this occurrence of it, 1 to 255. Default 1: at once. */
  readonly threshold?: number
  /** Counters of ids that have no row yet, a power of two; one byte each. Default 1 Mi. */
  readonly cells?: number
}

const HASHES = 4
const COUNT_MAX = 255
/** Occurrences per counter between two halvings: what was rare long ago is forgotten, and the sketch never fills up. */
const FADE_PER_CELL = 2

/**
 * Who may have a row: a count-min sketch with conservative update (Estan and Varghese 2002) counts the occurrences of
 * ids without one. Estimates are never too low, so a frequent id is never kept out; with `cells` well above the
 * number of distinct rare ids, few come in early. All counters halve after 2 occurrences per cell.
 */
export class Admission {
  readonly threshold: number
  readonly cells: number
  /** One byte per counter; empty when everyone is let in at once. */
  readonly counters: Uint8Array<ArrayBuffer>
  /** Occurrences since the counters were last halved. */
  counted = 0

  constructor({ threshold = 1, cells = 1 << 20 }: AdmissionOptions = {}) {
    if (!Number.isInteger(threshold) || threshold < 1 || threshold > COUNT_MAX) {
      throw new RangeError(`Cannot admit at occurrence ${threshold}: it must be a whole number from 1 to ${COUNT_MAX}`)
    }
    if (!Number.isInteger(cells) || cells < 1 || (cells & (cells - 1)) !== 0) {
      throw new RangeError(`Cannot count in ${cells} cells: it must be a power of two`)
    }
    this.threshold = threshold
    this.cells = cells
    this.counters = new Uint8Array(threshold > 1 ? cells : 0)
  }

  /** Counts one occurrence of an id known by its hashes; true when it has reached the threshold. */
  admits(hash: number, hash2: number): boolean {
    if (this.threshold === 1) return true
    const { counters } = this
    const mask = counters.length - 1
    let least = COUNT_MAX
    for (let k = 0; k < HASHES; k++) least = Math.min(least, counters[cell(hash, hash2, k) & mask])
    const count = Math.min(COUNT_MAX, least + 1)
    for (let k = 0; k < HASHES; k++) {
      const at = cell(hash, hash2, k) & mask
      if (counters[at] < count) counters[at] = count
    }
    if (++this.counted >= counters.length * FADE_PER_CELL) this.fade()
    return count >= this.threshold
  }

  private fade(): void {
    for (let i = 0; i < this.counters.length; i++) this.counters[i] >>>= 1
    this.counted = 0
  }
}

const cell = (hash: number, hash2: number, k: number): number => mix32(hash + Math.imul(k, hash2 | 1))
