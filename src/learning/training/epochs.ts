import type { Clock } from '../../foundation/base/index.ts'
import type { Checkpoints, Learned, TrainingPosition } from './checkpoints.ts'

/** What is told while a training runs. */
export interface TrainingProgress<M> {
  readonly phase: 'train' | 'validate'
  /** From 1. */
  readonly epoch: number
  readonly epochs: number
  /** Steps done, of how many, over all epochs. */
  readonly step: number
  readonly steps: number
  /** Mean of the epoch so far. */
  readonly loss: number
  readonly examplesPerSecond: number
  /** Until the last step, if no epoch is spared. */
  readonly secondsLeft: number
  /** After a validation. */
  readonly metrics?: M
}

/** How a training is watched and stopped. */
export interface TrainingHooks<M> {
  readonly clock: Clock
  /** Steps between two checkpoints; one follows each epoch. Default 1000. */
  readonly checkpointSteps?: number
  /** Stops between two steps, after a checkpoint. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: TrainingProgress<M>) => void
}

/** What is trained: epochs of batches. B: a batch, M: figures of a validation. */
export interface Epochs<B, M> {
  readonly epochs: number
  /** Epochs without a better validation before it stops; 0: never. */
  readonly patience: number
  readonly stepsPerEpoch: number
  readonly learned: Learned
  /** The batches of an epoch, from 0: the same on every call. */
  batches(epoch: number): Iterable<B>
  /** One step, counted from 1. */
  learn(batch: B, step: number): Promise<{ readonly loss: number; readonly examples: number }>
  /** Is told of each batch that was learned before this process began. */
  passed?(batch: B, step: number): void
  /** `value`: higher is better; one that is not finite is worse than any that is. */
  validate(): Promise<{ readonly metrics: M; readonly value: number }>
}

/** Steps between two reports of progress; one is made at the end of each epoch. */
const REPORT_STEPS = 50

/**
 * Runs epochs from a position to the end or to the signal: steps, checkpoints, validations, early stopping. Moves the
 * position. Gives what validated best; a run stopped in its first epoch, what it has.
 */
export async function runEpochs<B, M>(
  plan: Epochs<B, M>,
  position: TrainingPosition,
  checkpoints: Checkpoints,
  hooks: TrainingHooks<M>,
): Promise<Learned> {
  const { epochs, patience, learned } = plan
  const { signal, checkpointSteps = 1000 } = hooks
  const report = reporter(plan, position, hooks)
  if (plan.passed) tellPassed(plan, position)
  while (!position.done && !signal?.aborted) {
    let skip = position.epochStep
    for (const batch of plan.batches(position.epoch)) {
      if (skip-- > 0) continue
      const { loss, examples } = await plan.learn(batch, position.step + 1)
      position.step++
      position.epochStep++
      position.lossSum += loss
      position.examples += examples
      if (position.step % REPORT_STEPS === 0 || position.epochStep === plan.stepsPerEpoch) report('train')
      const stopped = signal?.aborted === true
      if (position.step % checkpointSteps === 0 || stopped) checkpoints.save(position, learned)
      if (stopped) break
    }
    if (signal?.aborted) break
    const { metrics, value } = await plan.validate()
    report('validate', metrics)
    closeEpoch(position, value, () => checkpoints.saveBest(learned))
    position.done = position.epoch >= epochs || (patience > 0 && position.waited >= patience)
    checkpoints.save(position, learned)
  }
  return position.bestEpoch > 0 ? checkpoints.best(learned) : learned
}

function closeEpoch(position: TrainingPosition, value: number, keep: () => void): void {
  const known = Number.isFinite(value) ? value : null // a position is kept as JSON, which has no infinity
  const better =
    position.bestEpoch === 0 || (known !== null && known > (position.bestValue ?? Number.NEGATIVE_INFINITY))
  position.epoch++
  position.epochStep = 0
  position.lossSum = 0
  position.waited = better ? 0 : position.waited + 1
  if (!better) return
  position.bestEpoch = position.epoch
  position.bestValue = known
  keep()
}

function tellPassed<B, M>(plan: Epochs<B, M>, { step }: TrainingPosition): void {
  let told = 0
  for (let epoch = 0; told < step; epoch++)
    for (const batch of plan.batches(epoch)) {
      if (told === step) return
      plan.passed?.(batch, ++told)
    }
}

function reporter<B, M>(plan: Epochs<B, M>, position: TrainingPosition, { clock, onProgress }: TrainingHooks<M>) {
  const began = { ticks: clock.ticks(), step: position.step, examples: position.examples }
  const steps = plan.stepsPerEpoch * plan.epochs
  return (phase: TrainingProgress<M>['phase'], metrics?: M): void => {
    const seconds = Math.max(1e-9, (clock.ticks() - began.ticks) / 1000)
    onProgress?.({
      phase,
      epoch: position.epoch + 1,
      epochs: plan.epochs,
      step: position.step,
      steps,
      loss: position.lossSum / position.epochStep,
      examplesPerSecond: (position.examples - began.examples) / seconds,
      secondsLeft: (seconds / (position.step - began.step)) * (steps - position.step),
      ...(metrics !== undefined && { metrics }),
    })
  }
}
