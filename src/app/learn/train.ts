import type { ModelName } from '../../domain/index.ts'
import type { TrainOptions, TrainReport } from './report.ts'
import { trainSequenceModel } from './sequence.ts'

/** Trains, judges, registers and, when every gate passed, promotes the model that is named. */
export type Trainer = (options: TrainOptions) => Promise<TrainReport>

/** Who trains what: every name of `trainable` has its line. */
const trainers: Readonly<Record<ModelName, Trainer>> = {
  sequence: trainSequenceModel,
}

/**
 * Trains a model by name on a data folder's journal, runs its gates, registers it, and promotes it when all passed.
 * Runs beside a server on the same folder: the journal is only read, and the server takes a new live version by itself.
 */
export function train(options: TrainOptions): Promise<TrainReport> {
  return trainers[options.model](options)
}
