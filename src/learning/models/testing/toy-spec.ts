import { Random } from '../../../foundation/base/index.ts'
import { type FeatureSpec, fitFeatureSpec } from '../feature-spec.ts'

/** A small specification over random columns, half of items, half of users. */
export function toySpec({ history = 6, width = 8, columns = 4 } = {}): FeatureSpec {
  const random = new Random('toy spec')
  const block = Float32Array.from({ length: columns * 50 }, () => random.normal())
  const source = {
    featureNames: Array.from({ length: columns }, (_, i) => (i % 2 === 0 ? `item.x${i}` : `user.x${i}`)),
    featureDigest: 'toy',
    heads: ['click', 'watch', 'satisfaction', 'report', 'return'],
    kinds: ['impression', 'click', 'watch'],
    surfaces: ['', 'home'],
  }
  return fitFeatureSpec(source, [block], { history, width })
}
