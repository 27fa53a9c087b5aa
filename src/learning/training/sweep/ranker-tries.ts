import { type Dataset, splitByTime } from '../../../stream/samples/index.ts'
import type { ItemFacts } from '../../models/index.ts'
import { completeConfig, flatMetrics, type RankingConfig, type RecipeName, trainRanker } from '../ranking/index.ts'
import { configOf } from './settings.ts'
import type { Tries } from './sweep.ts'

export interface RankerTries {
  readonly recipe: RecipeName
  readonly samples: Dataset
  readonly facts: ItemFacts
  /** What all have in common. */
  readonly config?: Partial<RankingConfig>
  readonly signal?: AbortSignal
}

/** Tries of a ranking model: learnt from the latest share of the training requests, judged by the model's criterion. */
export function rankerTries({ recipe, samples, facts, config: common, signal }: RankerTries): Tries {
  return {
    check: (settings) => void configOf(recipe, settings),
    train: async (settings, share) => {
      const config = { ...common, ...configOf(recipe, settings) }
      const { validation, test, criterion } = completeConfig(recipe, config)
      const split = splitByTime(samples, { validation, test })
      const { metrics, examples, seconds, done } = await trainRanker({
        ...{ recipe, samples, facts, config },
        split: { train: latest(split.train, share), validation: split.validation, test: split.validation },
        expectations: { emptyDaysMax: Number.POSITIVE_INFINITY, duplicatesMax: 1 },
        ...(signal && { signal }),
      })
      if (!done) return undefined
      const figure = metrics[criterion.head]?.[criterion.metric]?.value
      const value = figure === undefined ? null : criterion.metric === 'logloss' ? -figure : figure
      return { value, metrics: flatMetrics(metrics), examples, seconds }
    },
  }
}

/** The latest share of requests in order of time, at least one. */
export function latest(requests: Uint32Array, share: number): Uint32Array {
  return requests.subarray(requests.length - Math.max(1, Math.round(requests.length * share)))
}
