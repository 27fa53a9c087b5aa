import { WASM_PAGE, wasm } from '../../foundation/base/index.ts'
import type { Kernels } from './kernels/contract.ts'
import { type KernelKind, openKernels } from './kernels/open.ts'
import { align } from './records.ts'

/** Which vectors belong to a place, and how much each counts there. */
export interface Bag {
  /** [n] place of each vector. */
  readonly owners: Uint32Array
  /** [n] what it is multiplied by. */
  readonly shares: Float32Array
}

/**
 * Sums of vectors by place: what several tables say of one thing, and means of bags. `values` [places, dim] is a view
 * that stays good for life. The memory beneath never grows.
 */
export class VectorSum {
  readonly values: Float32Array<ArrayBuffer>
  private readonly dim: number
  private readonly kernels: Kernels
  /** Addresses: the vectors to be added, their order, owners and shares. */
  private readonly at: {
    readonly vectors: number
    readonly order: number
    readonly owners: number
    readonly shares: number
  }
  private readonly floats: Float32Array<ArrayBuffer>
  private readonly words: Uint32Array<ArrayBuffer>

  /** `most`: vectors of one addition at most. `dim`: a multiple of 4. */
  constructor(places: number, most: number, dim: number, kernels?: KernelKind) {
    const vectors = align(places * dim * 4, 64)
    const order = align(vectors + most * dim * 4)
    const owners = align(order + most * 4)
    const shares = align(owners + most * 4)
    const pages = Math.ceil((shares + most * 4) / WASM_PAGE)
    const memory = new wasm.Memory({ initial: pages, maximum: pages })
    this.dim = dim
    this.kernels = openKernels(memory, kernels)
    this.at = { vectors, order, owners, shares }
    this.floats = new Float32Array(memory.buffer)
    this.words = new Uint32Array(memory.buffer)
    this.values = new Float32Array(memory.buffer, 0, places * dim)
    for (let i = 0; i < most; i++) this.words[order / 4 + i] = i
  }

  /** Begins anew with one vector per place [places, dim], or with zeros. */
  begin(vectors?: Float32Array): void {
    if (vectors === undefined) this.values.fill(0)
    else this.values.set(vectors)
  }

  /** Adds one vector per place [places, dim]. */
  add(vectors: Float32Array): void {
    this.floats.set(vectors, this.at.vectors / 4)
    this.kernels.add(0, this.at.vectors, vectors.length)
  }

  /** Adds each vector [n, dim] to its place, by its share, in order. */
  addBag(vectors: Float32Array, { owners, shares }: Bag): void {
    const { at, floats, words, dim } = this
    floats.set(vectors, at.vectors / 4)
    words.set(owners, at.owners / 4)
    floats.set(shares, at.shares / 4)
    this.kernels.scatterShares(at.vectors, at.order, at.shares, at.owners, owners.length, dim, 0)
  }
}
