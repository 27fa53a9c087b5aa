import { SluiceError } from '../../../foundation/base/index.ts'
import { type Dataset, splitByTime } from '../../../stream/samples/index.ts'
import type { ItemFacts } from '../../models/index.ts'
import { completeConfig, flatMetrics, type RankingConfig, type RecipeName, trainRanker } from '../ranking/index.ts'
import { promoted, rungsOf } from './halving.ts'
import { configOf, type Settings } from './settings.ts'

/** One training of one choice of settings. */
export interface Trial {
  readonly kind: 'trial'
  readonly trial: number
  readonly rung: number
  /** Share of the training requests, the latest ones. */
  readonly share: number
  readonly settings: Settings
  /** The criterion on the validation part, higher is better; null when it diverged. */
  readonly value: number | null
  readonly why?: string
  readonly metrics: Readonly<Record<string, number>>
  readonly examples: number
  readonly seconds: number
}

export interface SweepTask {
  readonly recipe: RecipeName
  readonly samples: Dataset
  readonly facts: ItemFacts
  /** What is tried, in order: numbers are places here. */
  readonly candidates: readonly Settings[]
  /** What all have in common. */
  readonly config?: Partial<RankingConfig>
  /** Trials that were run before, of the same candidates and samples. */
  readonly done?: readonly Trial[]
  readonly signal?: AbortSignal
  readonly onTrial?: (trial: Trial) => void
}

export interface SweepResult {
  readonly trials: readonly Trial[]
  /** Of the last rung; none when the signal stopped it, or every trial diverged. */
  readonly best: Trial | undefined
}

/**
 * Tries settings of a ranking model, by successive halving over the share of the data they are trained on. They are judged
 * on the validation part alone: the test part stays unseen for the training that uses what was found.
 */
export async function sweep(task: SweepTask): Promise<SweepResult> {
  const { candidates, signal } = task
  for (const settings of candidates) configOf(task.recipe, settings) // before any is trained
  const trials: Trial[] = []
  let left = candidates.map((_, trial) => trial)
  let values = new Map<number, number | null>()
  const rungs = rungsOf(candidates.length)
  for (const [rung, { share, trials: count }] of rungs.entries()) {
    if (rung > 0) left = promoted(values, count)
    values = new Map()
    for (const trial of left) {
      if (signal?.aborted) return { trials, best: undefined }
      const before = task.done?.find((one) => one.trial === trial && one.rung === rung)
      const one = before ?? (await run(task, trial, rung, share))
      if (one === undefined) return { trials, best: undefined }
      if (before === undefined) task.onTrial?.(one)
      trials.push(one)
      values.set(trial, one.value)
    }
  }
  const [winner] = promoted(values, 1)
  return { trials, best: trials.findLast(({ trial }) => trial === winner) }
}

async function run(task: SweepTask, trial: number, rung: number, share: number): Promise<Trial | undefined> {
  const { recipe, samples, facts, candidates, signal } = task
  const settings = candidates[trial] as Settings
  const config = { ...task.config, ...configOf(recipe, settings) }
  const { validation, test, criterion } = completeConfig(recipe, config)
  const split = splitByTime(samples, { validation, test })
  const train = split.train.subarray(split.train.length - Math.max(1, Math.round(split.train.length * share)))
  const head = { kind: 'trial', trial, rung, share, settings } as const
  try {
    const { metrics, examples, seconds, done } = await trainRanker({
      ...{ recipe, samples, facts, config },
      split: { train, validation: split.validation, test: split.validation },
      expectations: { emptyDaysMax: Number.POSITIVE_INFINITY, duplicatesMax: 1 },
      ...(signal && { signal }),
    })
    if (!done) return undefined
    const figure = metrics[criterion.head]?.[criterion.metric]?.value
    const value = figure === undefined ? null : criterion.metric === 'logloss' ? -figure : figure
    return { ...head, value, metrics: flatMetrics(metrics), examples, seconds }
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'ERR_GRADIENT_NOT_FINITE') throw error
    return { ...head, value: null, why: error.message, metrics: {}, examples: 0, seconds: 0 }
  }
}
