import type { Dataset } from './dataset.ts'
import { HEADS, headCode } from './heads.ts'
import type { Origin } from './schema.ts'

/** Impressions and clicks by position. */
export interface PositionCounts {
  readonly impressions: Float64Array
  readonly clicks: Float64Array
}

/**
 * Counts by position. Of what stood in its place by lot (the default: slates whose order was lot, and items explored in
 * others) relevance is the same on average at each position, so that the rates tell the bias; of an `origin` other than
 * 'randomised' they tell bias and relevance together. `requestNumbers`: those that count; default: all.
 */
export function positionCounts(
  dataset: Dataset,
  {
    positions = 50,
    surface,
    origin,
    requestNumbers,
  }: {
    readonly positions?: number
    readonly surface?: number
    readonly origin?: Origin
    readonly requestNumbers?: Uint32Array
  } = {},
): PositionCounts {
  const impressions = new Float64Array(positions)
  const clicks = new Float64Array(positions)
  const click = headCode('click')
  const count = requestNumbers?.length ?? dataset.requests
  for (let n = 0; n < count; n++) {
    const request = dataset.request(requestNumbers?.[n] ?? n)
    if (surface !== undefined && request.surface !== surface) continue
    const counts = request.origin === (origin ?? 'randomised')
    request.positions.forEach((position, i) => {
      if (!counts && (origin !== undefined || request.explored[i] === 0)) return
      if (position < 0 || position >= positions) return
      impressions[position]++
      if (request.labels[i * HEADS + click] > 0) clicks[position]++
    })
  }
  return { impressions, clicks }
}

/**
 * Examination by power law, theta_k = (1 + k)^-eta, by maximum likelihood: clicks at k are Poisson with mean
 * impressions x exp(a) (1 + k)^-eta (Newton's method; concave). Null when there are clicks at fewer than two positions.
 * Use it on randomised slates.
 */
export function fitPowerLaw({ impressions, clicks }: PositionCounts): { eta: number; error: number } | null {
  if (clicks.filter((count) => count > 0).length < 2) return null
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0)
  let a = Math.log(sum(clicks) / sum(impressions))
  let eta = 0
  let error = Number.NaN
  for (let step = 0; step < 100; step++) {
    let [ga, ge, haa, hae, hee] = [0, 0, 0, 0, 0]
    for (let k = 0; k < impressions.length; k++) {
      const x = -Math.log1p(k)
      const mean = impressions[k] * Math.exp(a + eta * x)
      ga += clicks[k] - mean
      ge += (clicks[k] - mean) * x
      haa += mean
      hae += mean * x
      hee += mean * x * x
    }
    const determinant = haa * hee - hae * hae
    const da = (hee * ga - hae * ge) / determinant
    const de = (haa * ge - hae * ga) / determinant
    a += da
    eta += de
    error = Math.sqrt(haa / determinant)
    if (Math.abs(da) + Math.abs(de) < 1e-10) break
  }
  return { eta, error }
}

/** theta_k = (1 + k)^-eta for k below `positions`. */
export function powerLaw(eta: number, positions: number): Float64Array {
  return Float64Array.from({ length: positions }, (_, k) => (1 + k) ** -eta)
}

/** Impressions and clicks of items at positions: parallel arrays, one entry per pair that occurred. */
export interface PairCounts {
  readonly item: ArrayLike<number>
  readonly position: ArrayLike<number>
  readonly impressions: ArrayLike<number>
  readonly clicks: ArrayLike<number>
}

/**
 * Position-based model P(click) = theta_k gamma_d by expectation maximisation over pair counts (Wang et al. 2018,
 * without the regression): of an impression without a click, P(examined) = theta (1 - gamma) / (1 - theta gamma) and
 * P(relevant) = gamma (1 - theta) / (1 - theta gamma). Only the products are identified: gives theta_k / theta_0, and
 * gamma theta_0. Needs items that were shown at several positions, which must connect all positions.
 */
export function fitPositionModel(
  pairs: PairCounts,
  { steps = 2000, tolerance = 1e-9 }: { readonly steps?: number; readonly tolerance?: number } = {},
): { theta: Float64Array; gamma: Float64Array; steps: number } {
  const n = pairs.item.length
  let items = 0
  let positions = 0
  for (let i = 0; i < n; i++) {
    items = Math.max(items, pairs.item[i] + 1)
    positions = Math.max(positions, pairs.position[i] + 1)
  }
  let theta = new Float64Array(positions).fill(0.5)
  let gamma = new Float64Array(items).fill(0.5)
  let step = 0
  for (; step < steps; step++) {
    const examined = new Float64Array(positions)
    const relevant = new Float64Array(items)
    const atPosition = new Float64Array(positions)
    const ofItem = new Float64Array(items)
    for (let i = 0; i < n; i++) {
      const [d, k, shown, clicked] = [pairs.item[i], pairs.position[i], pairs.impressions[i], pairs.clicks[i]]
      const miss = Math.max(1e-12, 1 - theta[k] * gamma[d])
      examined[k] += clicked + ((shown - clicked) * theta[k] * (1 - gamma[d])) / miss
      relevant[d] += clicked + ((shown - clicked) * gamma[d] * (1 - theta[k])) / miss
      atPosition[k] += shown
      ofItem[d] += shown
    }
    const share = (part: Float64Array, whole: Float64Array) =>
      part.map((value, i) => (whole[i] > 0 ? value / whole[i] : 0))
    const nextTheta = share(examined, atPosition)
    const nextGamma = share(relevant, ofItem)
    const moved = nextTheta.reduce((most, value, k) => Math.max(most, Math.abs(value - theta[k])), 0)
    theta = nextTheta
    gamma = nextGamma
    if (moved < tolerance) break
  }
  const scale = theta[0] || 1
  return { theta: theta.map((value) => value / scale), gamma: gamma.map((value) => value * scale), steps: step }
}
