import { DAY, Random } from '../foundation/base/index.ts'
import { Audience } from './audience.ts'
import type { Policy } from './policy.ts'
import { simulate } from './simulate.ts'
import { TimeQueue } from './time-queue.ts'
import type { Planted } from './truth.ts'

const HORIZON_DAYS = 28
/** A user is retained who comes in the last week of the horizon. */
const LAST_WEEK = 21

export interface ForecastOptions {
  /** Users of the cohort, by lot; default all. */
  readonly users?: number
  /** Default 0. Policies are compared at equal seeds: the cohort and everybody's chances are then the same. */
  readonly seed?: string | number
}

/** What a policy leads to in 28 days. */
export interface Forecast {
  readonly users: number
  /** Share of the cohort that begins a session in the last seven of the 28 days. */
  readonly retention: number
  /** Share of the cohort that comes back at all within 28 days of the first visit. */
  readonly returned: number
  /** Means per user. */
  readonly sessions: number
  readonly watchSeconds: number
  readonly reports: number
  /** Mean satisfaction of a watch, 0 to 1; NaN when nothing was watched. */
  readonly satisfaction: number
  readonly impressions: number
  readonly clicks: number
}

/**
 * Plays the 28 days after the end with a policy in charge of all slates: each user of the cohort visits on the first
 * day, whatever the mood they were left in, and from then on comes as satisfaction has it.
 */
export function forecast(planted: Planted, past: Audience, policy: Policy, options: ForecastOptions = {}): Forecast {
  const { sizes } = planted
  const { seed = 0, users = planted.users.count } = options
  const audience = new Audience(planted, `forecast/${seed}`, past)
  const before = audience.sessions.begun.slice()
  const random = new Random(`${sizes.seed}/cohort/${seed}`)
  const cohort = random.shuffle(Uint32Array.from(before.keys())).subarray(0, users).sort()
  const asks = new TimeQueue()
  for (const user of cohort) asks.push(sizes.end + Math.floor(DAY * random.next()), user)
  const late = new Uint8Array(planted.users.count)
  const lastWeek = sizes.end + LAST_WEEK * DAY
  const sum = { watchSeconds: 0, reports: 0, impressions: 0, clicks: 0, gladness: 0 }
  const count = (kind: string) => {
    if (kind === 'impression') sum.impressions++
  }
  for (const { wish, outcome } of simulate(audience, policy, asks, sizes.end + HORIZON_DAYS * DAY, () => count)) {
    if (wish.at >= lastWeek) late[wish.user] = 1
    sum.watchSeconds += outcome.watchSeconds
    sum.reports += outcome.reports
    sum.clicks += outcome.clicks
    if (outcome.clicks > 0) sum.gladness += outcome.satisfaction * outcome.clicks
  }
  let sessions = 0
  let returned = 0
  let retained = 0
  for (const user of cohort) {
    sessions += audience.sessions.begun[user] - before[user]
    if (audience.sessions.begun[user] - before[user] > 1) returned++
    retained += late[user]
  }
  return {
    users: cohort.length,
    retention: retained / cohort.length,
    returned: returned / cohort.length,
    sessions: sessions / cohort.length,
    watchSeconds: sum.watchSeconds / cohort.length,
    reports: sum.reports / cohort.length,
    satisfaction: sum.gladness / sum.clicks,
    impressions: sum.impressions,
    clicks: sum.clicks,
  }
}
