import { createHash } from 'node:crypto'
import { type Clock, systemClock } from '../../../foundation/base/index.ts'
import { type SequenceConfig, sequenceDefaults, type SequenceLoss } from '../../models/index.ts'
import type { DenseOptimiser } from '../../embeddings/index.ts'
import type { Provider } from '../../graph/index.ts'
import { check, checkAll, checkWidth, kinds } from '../check.ts'
import type { Histories, Split } from './sequences.ts'

/** What decides the outcome of a training: equal ones give equal weights. */
export interface SequenceRecipe {
  readonly model: SequenceConfig
  readonly loss: SequenceLoss
  /** Rows of `model.length` places per update. */
  readonly rows: number
  /** Passes over the data; the learning rate is planned for all of them. */
  readonly epochs: number
  /** Highest learning rate: reached over `warmup` updates, then falls in a line to `lastRate`. */
  readonly rate: number
  readonly warmup: number
  readonly lastRate: number
  readonly optimiser: DenseOptimiser
  /** Weights are judged, and given out, as their mean over about 1 / (1 - averaging) updates (Polyak); 0 for the last. */
  readonly averaging: number
  /** Users asked in each validation. */
  readonly validation: number
  /** Ends when this many epochs in a row were no better than the best before; 0 for never. */
  readonly patience: number
  readonly seed: string
}

export type RecipeChoices = Partial<Omit<SequenceRecipe, 'model'>> & { readonly model?: Partial<SequenceConfig> }

/** @throws RangeError for a value outside its range */
export function completeRecipe({ model, ...rest }: RecipeChoices = {}): SequenceRecipe {
  const recipe: SequenceRecipe = {
    loss: { kind: 'full' },
    rows: 16,
    epochs: 20,
    rate: 1.5e-3,
    warmup: 200,
    lastRate: 5e-5,
    optimiser: { kind: 'adam', beta2: 0.98 },
    averaging: 0.999,
    validation: 2048,
    patience: 5,
    seed: 'sequence',
    ...rest,
    model: { ...sequenceDefaults, ...model },
  }
  const { loss, rows, epochs, validation, rate, warmup, lastRate, averaging, patience } = recipe
  const { width, length, blocks, heads, expansion, dropout, gated, feedForward } = recipe.model
  checkAll({ rows, epochs, validation, width, length, blocks, heads, expansion }, kinds.count)
  checkAll({ warmup, patience }, kinds.countOrNone)
  checkAll({ rate }, kinds.positive)
  checkAll({ lastRate }, kinds.notNegative)
  checkAll({ dropout, averaging }, kinds.share)
  checkAll({ gated }, kinds.flag)
  check('feedForward', ['relu', 'swiglu'].includes(feedForward), feedForward, '"relu" or "swiglu"')
  checkWidth(width, heads)
  if (loss.kind === 'sampled' && !(Number.isInteger(loss.hard ?? 0) && (loss.hard ?? 0) >= 0)) {
    throw new RangeError(`Cannot train with ${loss.hard} near misses a step: a whole number, 0 or more`)
  }
  return recipe
}

interface Told {
  /** From 0. */
  readonly epoch: number
  readonly epochs: number
  /** Done over all epochs, and how many there will be if no epoch is spared: epochs pack a little differently. */
  readonly updates: number
  readonly updatesPlanned: number
}

/**
 * What a training reports while it runs; nothing of it changes the outcome. The last step of an epoch is always told,
 * and its validation after it.
 */
export type TrainingRecord =
  | (Told & {
      readonly kind: 'step'
      readonly step: number
      readonly steps: number
      /** Mean over the places of the epoch so far. */
      readonly loss: number
      readonly rate: number
      readonly placesPerSecond: number
      readonly secondsLeft: number
    })
  | (Told & {
      readonly kind: 'epoch'
      readonly loss: number
      /** Figures of the validation by `name@k`, the ends of their intervals by `name@k.low` and `name@k.high`. */
      readonly validation: Readonly<Record<string, number>>
      readonly best: boolean
      /** Since this process began to train. */
      readonly seconds: number
    })

export interface TrainingHooks {
  /** Threads that share each step. Default 1. */
  readonly threads?: number
  /** Where steps are computed. Default 'cpu'. */
  readonly provider?: Provider
  /** Where checkpoints go. A checkpoint of the same recipe and data found there is continued. Default none. */
  readonly folder?: string
  /** Updates between checkpoints within an epoch. Default 500. */
  readonly checkpointUpdates?: number
  /** Updates between step records; one is made at the end of each epoch. Default 50. */
  readonly logUpdates?: number
  readonly log?: (record: TrainingRecord) => void
  /** Stops after the update under way, with a checkpoint; the run can be continued. */
  readonly signal?: AbortSignal
  readonly clock?: Clock
}

export const defaultClock: Clock = systemClock

/** Tells trainings apart: recipe and data. */
export function digestOf(
  recipe: SequenceRecipe,
  { items, starts, item, near, times }: Histories,
  { validFrom }: Split,
): string {
  const hash = createHash('sha256').update(JSON.stringify({ recipe, items }))
  for (const { buffer, byteOffset, byteLength } of [
    starts,
    item,
    validFrom,
    ...(near ? [near.starts, near.item] : []),
    ...(times ? [times.at, times.since] : []),
  ]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  }
  return hash.digest('hex')
}
