import type { TrainOptions, TrainReport } from './report.ts'
import { trainSequenceModel } from './sequence.ts'

/**
 * Trains a model by name on a data folder's journal, runs its gates, registers it, and promotes it when all passed.
 * Runs beside a server on the same folder: the journal is only read, and the server takes a new live version by itself.
 */
export async function train(options: TrainOptions): Promise<TrainReport> {
  switch (options.model) {
    case 'sequence':
      return trainSequenceModel(options)
  }
}
