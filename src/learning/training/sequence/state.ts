import { type Graph, initialParameters, layoutOf, normal, type ParameterLayout } from '../../graph/index.ts'
import { Random } from '../../../foundation/base/index.ts'
import { type Arrays, type DenseOptimiser, DenseVector } from '../../embeddings/index.ts'

/** How far a training is. All randomness follows from the seed, `epoch` and `updates`. */
export interface Progress {
  readonly digest: string
  epoch: number
  /** Steps done in this epoch. */
  step: number
  /** Steps done in all. */
  updates: number
  /** Of this epoch: sum of losses over places, and places. */
  lossSum: number
  places: number
  bestEpoch: number
  bestValue: number
  /** Epochs since the best one. */
  waited: number
  done: boolean
}

/**
 * All that a training changes. Each vector holds the graph's parameters, in the order of `layout`, and behind them the
 * item table [items, width].
 */
export class TrainingState {
  readonly layout: ParameterLayout
  readonly items: number
  readonly width: number
  readonly progress: Progress
  /** Weights, gradients and the optimiser's state. */
  readonly dense: DenseVector
  readonly average: Float32Array
  /** The average that validated best. */
  readonly best: Float32Array

  constructor(
    g: Graph,
    shape: { readonly items: number; readonly width: number },
    { optimiser, seed, digest }: { readonly optimiser: DenseOptimiser; readonly seed: string; readonly digest: string },
  ) {
    this.layout = layoutOf(g)
    this.items = shape.items
    this.width = shape.width
    const size = this.layout.size + shape.items * shape.width
    this.dense = new DenseVector(size, { name: 'sequence', optimiser })
    const { weights } = this.dense
    initialParameters(g, seed, this.parametersOf(weights))
    this.tableOf(weights).set(normal(0.02)([shape.items, shape.width], new Random(`${seed} items`)))
    this.average = weights.slice()
    this.best = weights.slice()
    this.progress = {
      digest,
      epoch: 0,
      step: 0,
      updates: 0,
      lossSum: 0,
      places: 0,
      bestEpoch: -1,
      bestValue: -1,
      waited: 0,
      done: false,
    }
  }

  /** Views, not copies. */
  parametersOf(vector: Float32Array): Float32Array {
    return vector.subarray(0, this.layout.size)
  }

  tableOf(vector: Float32Array): Float32Array {
    return vector.subarray(this.layout.size)
  }

  snapshot(): Arrays<Progress> {
    return { header: this.progress, arrays: this.vectors }
  }

  restore({ header, arrays }: Arrays<Progress>): void {
    Object.assign(this.progress, header)
    this.dense.steps = header.updates
    for (const [name, vector] of Object.entries(this.vectors)) vector.set(arrays[name] as Float32Array)
  }

  private get vectors(): Record<string, Float32Array> {
    const { average, best, dense } = this
    const state = dense.state.map((vector, i) => [`state${i}`, vector] as const)
    return { weights: dense.weights, average, best, ...Object.fromEntries(state) }
  }
}
