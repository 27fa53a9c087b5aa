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
