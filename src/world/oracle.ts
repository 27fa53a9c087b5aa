import { TopK } from '../foundation/base/index.ts'
import type { Audience } from './audience.ts'
import * as behaviour from './behaviour.ts'
import { type Forecast, type ForecastOptions, forecast } from './forecast.ts'
import { allowed, outAt } from './items.ts'
import { oraclePolicy, popularityPolicy, randomPolicy } from './policies.ts'
import type { Policy } from './policy.ts'
import { affinityOf, tasteAt } from './taste.ts'
import { TOPICS } from './topics.ts'
import type { Planted } from './truth.ts'

/** As shares of the best slate there is. */
export interface Worth {
  readonly ndcg: number
  readonly value: number
}

/**
 * The planted truth, for tests and verdicts; never shown to the platform. Users and items are rows of the world.
 * What depends on the viewer's memory (watched and in which order, followed, shown) is as of the end of the history; there is no mood.
 */
export class Truth {
  readonly planted: Planted
  private readonly past: () => Audience
  private readonly taste = new Float32Array(TOPICS)

  constructor(planted: Planted, past: () => Audience) {
    this.planted = planted
    this.past = past
  }

  /** Topic weights of a user at a moment, the best 1. */
  tasteAt(user: number, at = this.planted.sizes.end): Float32Array {
    const taste = new Float32Array(TOPICS)
    tasteAt(this.planted.users, user, at, this.planted.sizes.end, -1, taste)
    return taste
  }

  /** 0 to 1. */
  affinity(user: number, item: number, at = this.planted.sizes.end): number {
    const { users, items, sizes } = this.planted
    tasteAt(users, user, at, sizes.end, -1, this.taste)
    return affinityOf(users, items, user, item, this.taste)
  }

  /** Probability that the viewer looks at a position of a surface. */
  examination(surface: string, position: number): number {
    return behaviour.examination(surface, position)
  }

  /** Probability of a click at a position: looked at, and attracted. */
  clickProbability(user: number, item: number, position = 0, surface = 'home'): number {
    const met = this.meet(user, item)
    return behaviour.examination(surface, position) * behaviour.clickProbability(this.planted.items, item, met)
  }

  /** Expected satisfaction after a click, 0 to 1. */
  satisfaction(user: number, item: number): number {
    return behaviour.expectedSatisfaction(this.planted.items, item, this.meet(user, item))
  }

  /** Has the viewer watched the item that must come before it? True when there is none. */
  ready(user: number, item: number): boolean {
    return this.meet(user, item).ready
  }

  /** Worth of showing the item: click probability times satisfaction above a bored session. What `bestItems` sorts by. */
  gain(user: number, item: number): number {
    return behaviour.expectedGain(this.planted.items, item, this.meet(user, item))
  }

  /** The k unwatched items that may be shown and gain most, best first. */
  bestItems(user: number, k: number): { rows: Uint32Array; scores: Float32Array } {
    const { items, users, sizes } = this.planted
    const past = this.past()
    tasteAt(users, user, sizes.end, sizes.end, -1, this.taste)
    const best = new TopK(k)
    for (let row = 0; row < outAt(items, sizes.end); row++) {
      if (past.watched(user, row) || !allowed(items, row, users.region[user], users.age[user], sizes.end)) continue
      best.offer(row, behaviour.expectedGain(items, row, past.meet(user, row, this.taste, 0)))
    }
    return best.take()
  }

  /**
   * What a slate of items (rows, in order) is truly worth to a user, as shares of the best slate of that length: nDCG@k
   * with the gains as they are (linear, log base 2), and the expected gain with the odds that a place is looked at.
   */
  worth(user: number, rows: ArrayLike<number>, surface = 'home'): Worth {
    const best = this.bestItems(user, rows.length).scores
    let ndcg = 0
    let value = 0
    let idealNdcg = 0
    let idealValue = 0
    for (let place = 0; place < rows.length; place++) {
      const discount = 1 / Math.log2(place + 2)
      const look = this.examination(surface, place)
      const gain = rows[place] < 0 ? 0 : Math.max(0, this.gain(user, rows[place]))
      const most = Math.max(0, best[place] ?? 0)
      ndcg += gain * discount
      value += gain * look
      idealNdcg += most * discount
      idealValue += most * look
    }
    return { ndcg: idealNdcg > 0 ? ndcg / idealNdcg : 0, value: idealValue > 0 ? value / idealValue : 0 }
  }

  /** Plays 28 days with a policy; see `forecast`. `policies` has the three that others are held against. */
  retention28(policy: Policy, options?: ForecastOptions): Forecast {
    return forecast(this.planted, this.past(), policy, options)
  }

  get policies() {
    const { planted } = this
    return {
      random: (seed?: string | number) => randomPolicy(planted, seed),
      popularity: () => popularityPolicy(planted),
      oracle: () => oraclePolicy(planted),
    }
  }

  private meet(user: number, item: number): behaviour.Encounter {
    const { users, sizes } = this.planted
    tasteAt(users, user, sizes.end, sizes.end, -1, this.taste)
    return this.past().meet(user, item, this.taste, 0)
  }
}
