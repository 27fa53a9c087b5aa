import type { Dataset, RankingRequest } from './dataset.ts'
import { HEADS, headCode } from './heads.ts'

/** Examination below this counts as this: a click far down would weigh without bound. */
export const EXAMINATION_MIN = 0.05
const CLICK = headCode('click')
const WATCH = headCode('watch')

export interface WeightOptions {
  /** A clicked impression weighs 1 + watch x share watched. Default 0. */
  readonly watch?: number
  /** Most weight of all impressions of one viewer together; those of a heavier one are scaled down. Default: none. */
  readonly userCap?: number
  /** theta_k by position: a clicked impression weighs 1 / theta_k more (Joachims et al. 2017). */
  readonly examination?: ArrayLike<number>
  /** Numbers of the requests that the cap counts; default: all. */
  readonly requestNumbers?: Uint32Array
}

/** Weights of impressions, to be given to `batchesOf`: writes [K] into `out`. Strangers have no cap. */
export function weighted(
  dataset: Dataset,
  options: WeightOptions = {},
): (request: RankingRequest, out: Float32Array) => void {
  const plain = plainWeights(options)
  const { userCap } = options
  if (userCap === undefined) return plain
  if (!(userCap > 0)) throw new RangeError(`userCap must be above 0, not ${userCap}`)
  const totals = new Map<number, number>()
  const scratch = new Float32Array(1 << 16)
  const numbers = options.requestNumbers ?? Uint32Array.from({ length: dataset.requests }, (_, i) => i)
  for (const number of numbers) {
    const request = dataset.request(number)
    const out = scratch.subarray(0, request.items.length)
    plain(request, out)
    totals.set(
      request.user,
      out.reduce((sum, weight) => sum + weight, totals.get(request.user) ?? 0),
    )
  }
  return (request, out) => {
    plain(request, out)
    const total = totals.get(request.user) ?? 0
    if (request.user < 0 || total <= userCap) return
    for (let i = 0; i < out.length; i++) out[i] *= userCap / total
  }
}

function plainWeights({ watch = 0, examination }: WeightOptions): (request: RankingRequest, out: Float32Array) => void {
  return ({ weights, labels, positions }, out) => {
    for (let i = 0; i < weights.length; i++) {
      out[i] = weights[i]
      if (!(labels[i * HEADS + CLICK] > 0)) continue
      out[i] *= 1 + watch * labels[i * HEADS + WATCH]
      if (!examination || positions[i] < 0) continue
      const theta = examination[Math.min(positions[i], examination.length - 1)] ?? 1
      out[i] /= Math.max(EXAMINATION_MIN, theta)
    }
  }
}
