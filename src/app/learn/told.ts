import type { TrainingProgress, TrainingRecord } from '../../learning/training/index.ts'
import type { Progress } from '../engine.ts'

type Standing = TrainingProgress<Readonly<Record<string, number>>>

/** How a training stands, for who watches it: loss, time left, and one figure after a validation. */
export function told(phase: string, progress: Omit<Standing, 'metrics'>, metric?: Progress['metric']): Progress {
  const { step, steps, loss, secondsLeft } = progress
  return {
    ...{ phase, done: step, total: steps, loss },
    ...(Number.isFinite(secondsLeft) && { secondsLeft }),
    ...(metric && { metric }),
  }
}

/** The phase of a training that goes by epochs. */
export const epochOf = (model: string, { epoch, epochs }: Pick<Standing, 'epoch' | 'epochs'>): string =>
  `${model}: epoch ${epoch} of ${epochs}`

/** Tells what the sequence model's trainer reports as the other trainers tell it: by steps over all epochs. */
export function sequenceTeller(tell: (progress: Standing) => void): (record: TrainingRecord) => void {
  // A validation goes by the pace of the step before it, which a run continued just there has not told.
  let pace = { examplesPerSecond: 0, secondsLeft: Number.NaN }
  return (record) => {
    const { epoch, epochs, updates: step, updatesPlanned: steps, loss } = record
    if (record.kind === 'step') pace = { examplesPerSecond: record.placesPerSecond, secondsLeft: record.secondsLeft }
    tell({
      ...{ phase: record.kind === 'step' ? 'train' : 'validate', epoch: epoch + 1, epochs, step, steps, loss, ...pace },
      ...(record.kind === 'epoch' && { metrics: record.validation }),
    })
  }
}
