import { SluiceError, WASM_PAGE, WASM_PAGES_MAX, wasm } from '../../../foundation/base/index.ts'
import type { Kernels } from '../kernels/contract.ts'
import { type KernelKind, openKernels } from '../kernels/open.ts'
import { align } from '../records.ts'
import type { StepOptions } from '../table.ts'
import { type Block, type DenseOptimiser, type DenseRule, denseRule } from './optimiser.ts'

export interface DenseOptions {
  /** What errors and files call it. Default "dense". */
  readonly name?: string
  /** Default Adam. */
  readonly optimiser?: DenseOptimiser
  /** Learning rate where a step names none. Default 0.001. */
  readonly rate?: number
  /** Parts [from, to) that weight decay shrinks, in elements. Default all; biases and norms are best left out. */
  readonly decayed?: readonly (readonly [from: number, to: number])[]
  readonly kernels?: KernelKind
}

/**
 * The dense weights of a model as one flat vector, with their gradients and the optimiser's state, in a WebAssembly
 * memory that never grows: `weights` and `gradients` are views that stay good for life, so a graph may read and fill
 * them in place. 4 vectors for Adam, 3 otherwise; 4 GiB hold 268 M weights.
 */
export class DenseVector {
  readonly name: string
  readonly optimiser: DenseOptimiser
  readonly weights: Float32Array<ArrayBuffer>
  readonly gradients: Float32Array<ArrayBuffer>
  /** The optimiser's vectors, each as long as the weights. */
  readonly state: readonly Float32Array<ArrayBuffer>[]
  /** Optimiser steps done. */
  steps = 0
  private readonly rule: DenseRule
  private readonly rate: number
  private readonly decayed: readonly (readonly [number, number])[]
  private readonly kernels: Kernels
  private readonly block: Block

  constructor(size: number, options: DenseOptions = {}) {
    const { name = 'dense', optimiser = { kind: 'adam' }, rate = 0.001, decayed = [[0, size]], kernels } = options
    if (!Number.isInteger(size) || size < 1) throw new RangeError(`Cannot make a vector of ${size} weights: at least 1`)
    this.name = name
    this.optimiser = optimiser
    this.rule = denseRule(optimiser)
    this.rate = rate
    this.decayed = decayed
    const n = align(size, 4)
    const between = align(n * 4, 64)
    const pages = Math.ceil((between * (2 + this.rule.states)) / WASM_PAGE)
    if (pages > WASM_PAGES_MAX)
      throw new RangeError(`Cannot make a vector of ${size} weights: its state is above 4 GiB`)
    const memory = new wasm.Memory({ initial: pages, maximum: pages })
    this.kernels = openKernels(memory, kernels)
    const state = Array.from({ length: this.rule.states }, (_, i) => between * (2 + i))
    this.block = { weights: 0, gradients: between, state, n }
    this.weights = new Float32Array(memory.buffer, 0, size)
    this.gradients = new Float32Array(memory.buffer, between, size)
    this.state = state.map((address) => new Float32Array(memory.buffer, address, size).fill(this.rule.initial))
  }

  get size(): number {
    return this.weights.length
  }

  /** The squared length of the gradients; NaN or Infinity when one is not finite. */
  squares(): number {
    return this.kernels.squares(this.block.gradients, this.block.n)
  }

  /** Changes the weights by the gradients. ERR_GRADIENT_NOT_FINITE, and no change, when a gradient is NaN or infinite. */
  step({ rate = this.rate, scale = 1, squares = this.squares() }: StepOptions = {}): void {
    const { kernels, rule, block } = this
    if (!Number.isFinite(squares * scale)) {
      throw new SluiceError('ERR_GRADIENT_NOT_FINITE', [`the weights "${this.name}"`, String(this.steps + 1)])
    }
    this.steps++
    if (scale !== 1) kernels.scale(block.gradients, block.n, scale)
    if (rule.weightDecay > 0) {
      const kept = 1 - rate * rule.weightDecay
      for (const [from, to] of this.decayed) this.shrink(from, to, kept)
    }
    rule.update(kernels, block, rate, this.steps)
  }

  /** w *= kept, for parts that begin and end anywhere: the kernel takes what lies between two multiples of 4. */
  private shrink(from: number, to: number, kept: number): void {
    const factor = Math.fround(kept)
    const first = Math.min(to, align(from, 4))
    const last = Math.max(first, to - (to % 4))
    for (let i = from; i < first; i++) this.weights[i] *= factor
    this.kernels.scale(this.block.weights + first * 4, last - first, factor)
    for (let i = last; i < to; i++) this.weights[i] *= factor
  }
}
