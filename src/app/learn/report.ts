import type { Config, ModelName } from '../../domain/index.ts'
import type { Verdict } from '../../learning/registry/index.ts'
import type { Settings } from '../../learning/training/index.ts'
import type { Progress } from '../engine.ts'

export interface TrainOptions {
  readonly data: string
  readonly config: Config
  readonly model: ModelName
  readonly seed?: string
  /** Passes over the data; fewer when validation stops getting better. */
  readonly epochs?: number
  /** A file or Parquet folder of samples to train a ranking model on, instead of those that the journal gives. */
  readonly samples?: string
  /** The latest share that the model must not know, so that `evaluate` may judge it there. Default 0. */
  readonly holdout?: number
  /** Settings of the model's training, as a sweep names them. They count more than those of the configuration. */
  readonly settings?: Settings
  /** Threads that share each step; those of the configuration when left out. */
  readonly threads?: number
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
}

export interface TrainReport {
  readonly model: string
  readonly version: string
  /** Consumptions, or impressions, learnt from. */
  readonly examples: number
  readonly seconds: number
  /** On what was held out. */
  readonly metrics: Readonly<Record<string, number>>
  readonly gates: readonly Verdict[]
  /** Is it live now? It is when every gate passed. */
  readonly promoted: boolean
}
