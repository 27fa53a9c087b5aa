import { layoutOf, parameterViews } from '../../graph/index.ts'
import type { Ranker } from '../ranker.ts'

/**
 * Parameters of the isolated network for the masked one: the same but that its tower reads the mean of the history per
 * candidate and not per request.
 */
export function maskedWeights(isolated: Ranker, parameters: Float32Array, masked: Ranker): Float32Array {
  const from = parameterViews(layoutOf(isolated.g), parameters)
  const flat = new Float32Array(layoutOf(masked.g).size)
  const to = parameterViews(layoutOf(masked.g), flat)
  const first = 'tower/joined/bias'
  const pooled = isolated.inputs.spec.width * (from[first] as Float32Array).length
  const [request, candidate] = ['tower/joined/request/weight', 'tower/joined/candidate/weight'] as const
  for (const [name, values] of Object.entries(to)) {
    if (name === request) values.set((from[request] as Float32Array).subarray(pooled))
    else if (name === candidate) {
      const own = from[candidate] as Float32Array
      values.set(own.subarray(0, pooled))
      values.set((from[request] as Float32Array).subarray(0, pooled), pooled)
      values.set(own.subarray(pooled), 2 * pooled)
    } else {
      const own = from[name]
      if (own?.length !== values.length) throw new TypeError(`Cannot move "${name}": it is not in both`)
      values.set(own)
    }
  }
  return flat
}
