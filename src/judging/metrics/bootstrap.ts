import { Random } from '../../foundation/base/index.ts'
import type { Estimate } from './contract.ts'

export interface BootstrapOptions {
  /** Resamples drawn; 0 for no interval. */
  readonly resamples?: number
  /** Share of resamples inside the interval. */
  readonly level?: number
  readonly seed?: string | number
}

/**
 * User bootstrap of many means at once: `table` is [user, metric], row-major; NaN cells (undefined for that user) are
 * left out of their metric. Each resample draws users with replacement, the same draw for all metrics; the interval
 * is made of percentiles, linear between order statistics (Efron 1979). A metric without any value gives null, one of a
 * single user no interval.
 * Users are the unit because a user's places are not independent of each other.
 */
export function bootstrapMeans(
  table: Float64Array,
  metrics: number,
  { resamples = 500, level = 0.95, seed = 'bootstrap' }: BootstrapOptions = {},
): (Estimate | null)[] {
  if (!(level > 0 && level < 1)) throw new RangeError(`Cannot make an interval of level ${level}: it is not in (0, 1)`)
  if (metrics < 1 || table.length % metrics !== 0)
    throw new RangeError(`Cannot read ${table.length} values as rows of ${metrics}`)
  const users = table.length / metrics
  const sums = new Float64Array(metrics)
  const counts = new Uint32Array(metrics)
  const add = (user: number): void => {
    for (let metric = 0, at = user * metrics; metric < metrics; metric++, at++) {
      const value = table[at]
      if (Number.isNaN(value)) continue
      sums[metric] += value
      counts[metric]++
    }
  }
  for (let user = 0; user < users; user++) add(user)
  const values = Array.from({ length: metrics }, (_, metric) => sums[metric] / counts[metric])
  const known = counts.slice()
  const draws = Array.from({ length: metrics }, () => new Float64Array(resamples).fill(Number.NaN))
  const random = new Random(seed)
  for (let draw = 0; users > 0 && draw < resamples; draw++) {
    sums.fill(0)
    counts.fill(0)
    // One 32-bit draw per user: its bias is below users / 2^32, far under the resampling noise.
    for (let i = 0; i < users; i++) add(Math.floor((random.uint32() / 4_294_967_296) * users))
    for (let metric = 0; metric < metrics; metric++) draws[metric][draw] = sums[metric] / counts[metric]
  }
  return values.map((value, metric) => {
    if (Number.isNaN(value)) return null
    if (known[metric] < 2) return { value, low: null, high: null }
    const held = draws[metric].filter((mean) => !Number.isNaN(mean)).sort()
    return { value, low: quantile(held, (1 - level) / 2), high: quantile(held, (1 + level) / 2) }
  })
}

/** Mean of one metric over users with its interval; null without a value. */
export function bootstrapMean(values: ArrayLike<number>, options?: BootstrapOptions): Estimate | null {
  return bootstrapMeans(Float64Array.from(values), 1, options)[0] ?? null
}

/**
 * Mean of a - b over the same users, with its interval. Pairing takes out what is hard or easy about a user: two
 * systems may differ surely though their own intervals overlap. Users undefined (NaN) in either are left out.
 * @throws RangeError for lengths that differ
 */
export function pairedDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options?: BootstrapOptions,
): Estimate | null {
  if (a.length !== b.length) throw new RangeError(`Cannot pair ${a.length} users with ${b.length}`)
  return bootstrapMean(
    Float64Array.from({ length: a.length }, (_, i) => a[i] - b[i]),
    options,
  )
}

/** Quantile of ascending values, linear between neighbours (Hyndman and Fan's type 7); null for none. */
export function quantile(ascending: Float64Array, q: number): number | null {
  if (ascending.length === 0) return null
  const at = (ascending.length - 1) * q
  const below = Math.floor(at)
  const above = Math.min(below + 1, ascending.length - 1)
  return ascending[below] + (at - below) * (ascending[above] - ascending[below])
}
