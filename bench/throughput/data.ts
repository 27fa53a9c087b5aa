/** Made-up data of the shapes that ranking models meet: what is learned does not matter here, only what a step costs. */
import { Random } from '../../src/foundation/base/index.ts'
import { type FeatureSpec, fitFeatureSpec, type ItemFacts } from '../../src/learning/models/index.ts'
import { HEADS, headNames, type RankingBatch } from '../../src/stream/samples/index.ts'

export const COLUMNS = 52
export const ITEMS = 20_000
export const USERS = 5000

export const facts: ItemFacts = { creator: (item) => item % 997, categories: (item) => [item % 41] }

export function specOf(history: number, width: number): FeatureSpec {
  const random = new Random('spec')
  const names = Array.from({ length: COLUMNS }, (_, i) => `${['item', 'user', 'creator', 'affinity'][i % 4]}.x${i}`)
  const block = Float32Array.from({ length: COLUMNS * 500 }, () => random.normal())
  const source = { featureNames: names, featureDigest: 'bench', heads: headNames, kinds: ['click', 'watch'] }
  return fitFeatureSpec({ ...source, surfaces: ['', 'home'] }, [block], { history, width })
}

/** Full rows of full histories. */
export function batchOf(requests: number, impressions: number, history: number): RankingBatch {
  const random = new Random(`${requests} ${impressions}`)
  const n = requests * impressions
  const integers = (length: number, below: number) => Int32Array.from({ length }, () => random.int(below))
  return {
    shape: { requests, impressions, history },
    count: requests,
    request: Int32Array.from({ length: requests }, (_, i) => i),
    user: integers(requests, USERS),
    at: new Float64Array(requests).fill(1e12),
    surface: new Uint8Array(requests).fill(1),
    historyItem: integers(requests * history, ITEMS),
    historyAgo: Float32Array.from({ length: requests * history }, () => 3600 * random.next()),
    historyKind: new Uint8Array(requests * history),
    historyCompletion: new Float32Array(requests * history).fill(0.5),
    historyMask: new Float32Array(requests * history).fill(1),
    item: integers(n, ITEMS),
    position: new Int16Array(n),
    propensity: new Float32Array(n),
    weight: new Float32Array(n).fill(1),
    labels: Float32Array.from({ length: n * HEADS }, () => (random.chance(0.2) ? 1 : 0)),
    labelWeights: new Float32Array(n * HEADS).fill(1),
    features: Float32Array.from({ length: n * COLUMNS }, () => random.normal()),
  }
}
