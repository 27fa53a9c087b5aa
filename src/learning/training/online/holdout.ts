import { hash32 } from '../../../foundation/base/index.ts'
import type { Dataset, RankingRequest } from '../../../stream/samples/index.ts'
import { calibrate, type Calibration } from '../../models/index.ts'
import type { Predictor } from '../ranking/index.ts'

/** Share of the requests that are never learned from, by lot. */
const HOLDOUT_SHARE = 0.1
/** Impressions of the latest ones that are kept. */
const HOLDOUT_MAX = 4096
/** Probabilities end here, so that one surprise cannot outweigh all others. */
const CLIP = 1e-6

/** The latest requests that nothing was learned from: what a fresh model and the live one are held against. */
export class Holdout {
  private readonly parts: { readonly samples: Dataset; readonly numbers: Uint32Array; readonly impressions: number }[] =
    []
  private readonly seed: number
  private total = 0

  constructor(seed: string | number = 0) {
    this.seed = hash32(`${seed} holdout`)
  }

  /** Impressions held. */
  get impressions(): number {
    return this.total
  }

  /** Keeps some of the requests and gives the numbers of those to learn from. The same ones whatever else comes. */
  take(samples: Dataset): Uint32Array {
    const held: number[] = []
    const rest: number[] = []
    let impressions = 0
    for (const request of samples) {
      const own = this.holds(request)
      if (own) impressions += request.items.length
      ;(own ? held : rest).push(request.index)
    }
    if (held.length > 0) this.parts.push({ samples, numbers: Uint32Array.from(held), impressions })
    this.total += impressions
    while (this.parts.length > 1 && this.total - (this.parts[0]?.impressions ?? 0) >= HOLDOUT_MAX)
      this.total -= this.parts.shift()?.impressions ?? 0
    return Uint32Array.from(rest)
  }

  /**
   * Mean log loss of the calibrated heads per impression, each head by its weight: what training makes small, on what is
   * held. NaN when nothing is, or when a logit is not finite.
   */
  async loss(predictor: Predictor, calibrations: readonly Calibration[], weights: readonly number[]): Promise<number> {
    let sum = 0
    let count = 0
    for (const { samples, numbers } of this.parts) {
      const { logits, labels, known, count: rows } = await predictor.predict(samples, numbers)
      count += rows
      const heads = weights.length
      for (let i = 0; i < rows * heads; i++) {
        if (known[i] === 0) continue
        const p = calibrate(calibrations[i % heads] as Calibration, logits[i])
        const clipped = Math.min(1 - CLIP, Math.max(CLIP, p)) // NaN stays NaN
        sum -= weights[i % heads] * (labels[i] * Math.log(clipped) + (1 - labels[i]) * Math.log1p(-clipped))
      }
    }
    return sum / count
  }

  private holds({ place, at, user }: RankingRequest): boolean {
    return hash32(`${place} ${at} ${user}`, this.seed) < HOLDOUT_SHARE * 4_294_967_296
  }
}
