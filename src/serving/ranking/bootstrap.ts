import type { Config } from '../../domain/index.ts'
import type { Inputs } from './inputs.ts'

/** Log-odds of a click that all sources together can add when each ranks the item first. */
export const EVIDENCE_LOGITS = 5
/** Most that the item's click rate may add to or take from the log-odds, before its weight. */
const CTR_LOGITS_MAX = 1.5
/** Shares of taste at which affinity counts half; creators are many, so a small share says as much. */
const HALF_CATEGORY = 0.2
const HALF_CREATOR = 0.05
/** Half-life of freshness. */
const FRESH_HOURS = 168
/** Impressions beyond this tire no further. */
const FATIGUE_MAX = 20
/** Reports and wavings away per impression of an item nothing is known about. */
const PRIOR_NEGATIVE = 0.005
/** Chance that a viewer who opened an item nothing is known about is glad afterwards. */
const PRIOR_GLAD = 0.5

/** What moves the log-odds of a click, besides the sources. */
export interface Shifts {
  readonly affinity: number
  readonly popularity: number
  readonly freshness: number
  readonly fatigue: number
  readonly 'quality.click': number
}
export const shiftNames = ['affinity', 'popularity', 'freshness', 'fatigue', 'quality.click'] as const

/** What is expected of a viewer who opens the item, and of its being shown at all. */
export interface Outcomes {
  /** Share watched, given a click. */
  readonly watch: number
  /** Probability of being glad, given a click. */
  readonly satisfaction: number
  /** Probability of a report or a waving away, given an impression. */
  readonly report: number
}

/**
 * The bootstrap value model: set by hand, to be replaced by learned heads behind the same contract.
 *
 * P(click) = sigmoid(logit(priorCtr) + sources + affinity + popularity + freshness - fatigue + click rate), each term
 * its weight times a number of about unit size; the value is
 * click x (v_click + v_watch x watch + v_satisfaction x satisfaction) + v_report x report.
 * Of a return it knows nothing: `v_return` is for trained models.
 * Watch, satisfaction and report are the item's smoothed rates, drawn to the prior by `qualityWeight`.
 */
export class Bootstrap {
  /** Log-odds of a click on an item nothing is known about. */
  readonly prior: number
  readonly expected: Outcomes
  private readonly config: Config['ranking']

  constructor(config: Config['ranking']) {
    this.config = config
    this.prior = logit(config.priorCtr)
    this.expected = { watch: config.priorCompletion, satisfaction: PRIOR_GLAD, report: PRIOR_NEGATIVE }
  }

  /** Log-odds that a source's evidence of 0 to 1 is worth. */
  evidence(share: number): number {
    return this.config.sourceWeight * EVIDENCE_LOGITS * share
  }

  shifts(inputs: Inputs): Shifts {
    const { affinityWeight, popularityWeight, freshnessWeight, fatigueWeight, qualityWeight } = this.config
    const category = halved(inputs['affinity.category'], HALF_CATEGORY)
    const creator = halved(inputs['affinity.creator'], HALF_CREATOR)
    const hours = Math.expm1(inputs['item.age'])
    const ctr = logit(inputs['item.ctr']) - this.prior
    return {
      affinity: affinityWeight * (category / 2 + creator / 2),
      popularity: popularityWeight * inputs['item.rank'],
      freshness: freshnessWeight * 2 ** (-hours / FRESH_HOURS),
      fatigue: -fatigueWeight * Math.min(FATIGUE_MAX, inputs['fatigue.item']),
      'quality.click': qualityWeight * Math.min(CTR_LOGITS_MAX, Math.max(-CTR_LOGITS_MAX, ctr)),
    }
  }

  outcomes(inputs: Inputs): Outcomes {
    const { qualityWeight } = this.config
    const { expected } = this
    const judgement = (inputs['item.satisfaction'] + inputs['item.rating']) / 2 // -1 to 1
    return {
      watch: share(expected.watch + qualityWeight * (inputs['item.completion'] - expected.watch)),
      satisfaction: share(expected.satisfaction + qualityWeight * judgement),
      report: share(expected.report + qualityWeight * (inputs['item.negative'] - expected.report)),
    }
  }
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

function logit(p: number): number {
  const inside = Math.min(1 - 1e-6, Math.max(1e-6, p))
  return Math.log(inside / (1 - inside))
}

/** -1 to 1; one half at `half`. */
function halved(x: number, half: number): number {
  return x / (Math.abs(x) + half)
}

function share(x: number): number {
  return Math.min(1, Math.max(0, x))
}
