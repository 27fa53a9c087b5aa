import { hashPair } from '../../foundation/base/index.ts'
import { bytesSource, frame, invalid, joined, openFrame } from './files/frame.ts'

export interface FrequencyOptions {
  /** Cells per hash, a power of two: well above the number of distinct items. Default 64 Ki. */
  readonly cells?: number
  /** Independent hashes, 1 to 8; more make collisions rarer. Default 2. */
  readonly hashes?: number
  /** How fast an estimate follows, above 0 to 1. Default 0.05. */
  readonly rate?: number
  /** The gap assumed of an item never met, in batches: about items per batch. Default 1000. */
  readonly gap?: number
}

/**
 * How often items come up in batches, without a count of all: the mean gap, in batches, between two batches with the
 * item (Yi et al., RecSys 2019, algorithm 2). In batch t, gap = (1 - rate) gap + rate (t - last); last = t; the
 * probability to be in a batch is 1 / gap. Several hashes, of which the largest gap counts: a collision can only make
 * an item look more frequent. Items are row numbers or other 32-bit numbers; 8 bytes per cell and hash.
 */
export class Frequencies {
  readonly options: Required<FrequencyOptions>
  /** Batches met. */
  step = 0
  private readonly last: Uint32Array<ArrayBuffer> // [hash, cell]
  private readonly gaps: Float32Array<ArrayBuffer>

  constructor(options: FrequencyOptions = {}) {
    const { cells = 1 << 16, hashes = 2, rate = 0.05, gap = 1000 } = options
    if (!Number.isInteger(cells) || cells < 1 || (cells & (cells - 1)) !== 0) {
      throw new RangeError(`Cannot estimate with ${cells} cells: it must be a power of two`)
    }
    if (!Number.isInteger(hashes) || hashes < 1 || hashes > 8) {
      throw new RangeError(`Cannot estimate with ${hashes} hashes: it must be a whole number from 1 to 8`)
    }
    if (!(rate > 0 && rate <= 1)) throw new RangeError(`Cannot follow at rate ${rate}: it must be above 0, at most 1`)
    if (!(gap >= 1)) throw new RangeError(`Cannot start from a gap of ${gap} batches: it must be 1 or more`)
    this.options = { cells, hashes, rate, gap }
    this.last = new Uint32Array(cells * hashes)
    this.gaps = new Float32Array(cells * hashes).fill(gap)
  }

  get bytes(): number {
    return this.last.byteLength + this.gaps.byteLength
  }

  /** Takes notice of the items of the next batch. An item that is in it twice counts once. */
  observe(items: Uint32Array, step: number = this.step + 1): void {
    if (step <= this.step) throw new RangeError(`Cannot observe batch ${step} after batch ${this.step}`)
    this.step = step
    const { hashes, rate } = this.options
    for (let k = 0; k < hashes; k++) {
      for (let i = 0; i < items.length; i++) {
        const at = this.cell(items[i], k)
        const since = step - this.last[at]
        if (since === 0) continue
        this.gaps[at] = (1 - rate) * this.gaps[at] + rate * since
        this.last[at] = step
      }
    }
  }

  /** The mean gap between batches with an item, in batches, at least 1. */
  gap(item: number): number {
    let gap = 1
    for (let k = 0; k < this.options.hashes; k++) gap = Math.max(gap, this.gaps[this.cell(item, k)])
    return gap
  }

  /** ln of the probability that an item is in a batch, per item: to be taken from its logit. Never above 0. */
  logQ(items: Uint32Array, out = new Float32Array(items.length)): Float32Array {
    for (let i = 0; i < items.length; i++) out[i] = -Math.log(this.gap(items[i]))
    return out
  }

  encode(): Uint8Array<ArrayBuffer> {
    const header = { ...this.options, step: this.step }
    const body = [new Uint8Array(this.last.buffer), new Uint8Array(this.gaps.buffer)]
    return joined(frame('frequency', header, this.bytes, body))
  }

  /** The estimator that `encode` wrote. ERR_EMBEDDINGS_INVALID for anything else. */
  static decode(saved: Uint8Array): Frequencies {
    const name = 'the saved frequencies'
    const reader = openFrame(bytesSource(name, saved), 'frequency', (value) => {
      const { step, ...options } = value as Required<FrequencyOptions> & { step: number }
      if (!Number.isSafeInteger(step) || step < 0) throw new TypeError('"step" is no count')
      return Object.assign(new Frequencies(options), { step })
    })
    const made = reader.header
    if (made.bytes !== reader.bodyBytes) throw invalid(name, 'their header does not fit their length')
    reader.read(made.last)
    reader.read(made.gaps)
    reader.finish()
    return made
  }

  private cell(item: number, k: number): number {
    const { cells } = this.options
    return k * cells + (hashPair(item, k) & (cells - 1))
  }
}

/**
 * The logQ correction of sampled softmax (Bengio and Senecal 2008): s'(x, y) = s(x, y) - ln Q(y), in every column, the
 * positive's too. Changes logits [rows, columns] in place.
 */
export function correctLogits(logits: Float32Array, logQ: Float32Array): Float32Array {
  const columns = logQ.length
  if (logits.length % columns !== 0) {
    throw new RangeError(`Cannot correct ${logits.length} logits by ${columns} columns: not whole rows`)
  }
  for (let i = 0; i < logits.length; i++) logits[i] -= logQ[i % columns]
  return logits
}
