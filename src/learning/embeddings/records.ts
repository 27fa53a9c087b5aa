import { WASM_PAGE, WASM_PAGES_MAX, wasm, type WasmMemory } from '../../foundation/base/index.ts'
import { type KernelKind, openKernels } from './kernels/open.ts'
import type { Kernels } from './kernels/contract.ts'

/** Where the records begin: address 0 stays free, so that a forgotten address shows. */
const BASE = 1024

export interface RecordShape {
  /** Floats of a vector, a multiple of 4. */
  readonly dim: number
  /** Floats of optimiser state per row. */
  readonly state: number
  readonly kernels?: KernelKind
}

/**
 * The vectors of one table, in a WebAssembly memory of its own: one record per row, the weights and after them the
 * optimiser's state, so that a step touches one place and the table grows at its end. Behind the records lies scratch
 * space for batches. The memory grows where it is, without copying, to 4 GiB; untouched pages cost nothing.
 */
export class Records {
  readonly dim: number
  readonly state: number
  /** Bytes from record to record. */
  readonly stride: number
  readonly base = BASE
  /** The most rows that 4 GiB hold, with a sixteenth left for batches. */
  readonly rowsMax: number
  readonly kernels: Kernels
  private capacity = 1024
  private kept = 0
  private readonly memory: WasmMemory
  /** The whole memory; take it anew after anything that may grow. */
  floats: Float32Array<ArrayBuffer>
  words: Uint32Array<ArrayBuffer>

  constructor({ dim, state, kernels }: RecordShape) {
    this.dim = dim
    this.state = state
    this.stride = (dim + Math.ceil(state / 4) * 4) * 4
    this.rowsMax = Math.floor((WASM_PAGES_MAX * WASM_PAGE * 15) / 16 / this.stride)
    this.capacity = Math.min(this.capacity, this.rowsMax)
    const initial = Math.ceil((BASE + this.capacity * this.stride) / WASM_PAGE)
    this.memory = new wasm.Memory({ initial, maximum: WASM_PAGES_MAX })
    this.kernels = openKernels(this.memory, kernels)
    this.floats = new Float32Array(this.memory.buffer)
    this.words = new Uint32Array(this.memory.buffer)
  }

  /** Rows that fit without growing. */
  get rows(): number {
    return this.capacity
  }

  /** Bytes of the memory; those never touched take no room in the machine. */
  get bytes(): number {
    return this.memory.buffer.byteLength
  }

  /** First float of a row's record in `floats`. */
  offset(row: number): number {
    return (BASE + row * this.stride) / 4
  }

  /** Makes room for a row. Kept scratch moves along. The new records hold anything: whoever makes a row fills it. */
  ensure(row: number): void {
    if (row < this.capacity) return
    if (row >= this.rowsMax) throw new RangeError(`Cannot make row ${row}: ${this.rowsMax} rows of this width fit`)
    const from = this.scratchStart
    const rows = Math.min(this.rowsMax, Math.max(row + 1, this.capacity * 2))
    this.reach(this.scratchAfter(rows) + this.kept)
    this.capacity = rows
    new Uint8Array(this.memory.buffer).copyWithin(this.scratchStart, from, from + this.kept)
  }

  /**
   * The address of so many bytes of scratch, from an offset on (a multiple of 16). Good until the table grows or
   * somebody else takes scratch.
   */
  scratch(offset: number, bytes: number): number {
    this.reach(this.scratchStart + offset + bytes)
    return this.scratchStart + offset
  }

  /** The first so many bytes of scratch are to survive growth. */
  keep(bytes: number): void {
    this.kept = bytes
  }

  private get scratchStart(): number {
    return this.scratchAfter(this.capacity)
  }

  private scratchAfter(rows: number): number {
    return align(BASE + rows * this.stride, 64)
  }

  private reach(bytes: number): void {
    const more = Math.ceil((bytes - this.memory.buffer.byteLength) / WASM_PAGE)
    if (more <= 0) return
    try {
      this.memory.grow(more)
    } catch (cause) {
      throw new RangeError(`Cannot grow a table's memory to ${bytes} bytes: 4 GiB is the most`, { cause })
    }
    this.floats = new Float32Array(this.memory.buffer)
    this.words = new Uint32Array(this.memory.buffer)
  }
}

/** The next multiple of a power of two. */
export const align = (bytes: number, unit = 16): number => Math.ceil(bytes / unit) * unit
