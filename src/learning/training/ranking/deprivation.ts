import type { Random } from '../../../foundation/base/index.ts'
import { type FeatureSpec, historyGroup, missingBits, viewerState } from '../../models/index.ts'

/** One way in which features can be missing, and how often it is met in training. */
export interface Scenario {
  readonly share: number
  /** Groups of features, by name; those a specification does not have are passed over. */
  readonly missing: readonly string[]
  /** Are these the groups that stay? */
  readonly except?: boolean
}

/** The deprivation distribution: what the degraded model is trained for. In the rest of the requests all is there. */
export const degradedScenarios: readonly Scenario[] = [
  { share: 0.3, missing: viewerState },
  { share: 0.15, missing: [historyGroup] },
  { share: 0.15, missing: ['item', 'creator', 'category', 'popularity'] },
  { share: 0.2, missing: ['context', 'match'], except: true },
]

/** Draws what is missing, per request. */
export class Deprivation {
  private readonly shares: readonly number[]
  private readonly bits: readonly number[]

  constructor(spec: FeatureSpec, scenarios: readonly Scenario[]) {
    this.shares = scenarios.map(({ share }) => share)
    this.bits = scenarios.map(({ missing, except }) => missingBits(spec, missing, except))
  }

  draw(requests: number, random: Random): Uint32Array {
    const out = new Uint32Array(requests)
    if (this.shares.length === 0) return out
    for (let r = 0; r < requests; r++) {
      let lot = random.next()
      out[r] = this.bits[this.shares.findIndex((share) => (lot -= share) < 0)] ?? 0
    }
    return out
  }
}
