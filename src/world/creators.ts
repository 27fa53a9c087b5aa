import { Random } from '../foundation/base/index.ts'
import type { WorldSizes } from './options.ts'
import { regionAt, TOPICS } from './topics.ts'

/** Dimensions of style: taste that no category shows, so that only behaviour can reveal it. */
export const STYLES = 4
/** Most home topics of a creator. */
export const HOME_TOPICS = 3

/** Who makes the items. One row per creator; row 0 is the biggest. */
export interface Creators {
  readonly count: number
  /** [count x HOME_TOPICS] topic numbers; the first `homes` of a row hold. */
  readonly topics: Uint8Array
  readonly homes: Uint8Array
  /** 0 to 1: what their items are like on average. */
  readonly quality: Float32Array
  /** 0 to 1: how far their titles promise more than the item keeps. */
  readonly clickbait: Float32Array
  /** [count x STYLES] standard normal. */
  readonly styles: Float32Array
  readonly region: Uint8Array
  /** Running sum of sizes (Zipf, exponent 0.8): items are dealt by it. */
  readonly reach: Float64Array
}

export function makeCreators({ seed, creators: count }: WorldSizes): Creators {
  const random = new Random(`${seed}/creators`)
  const made: Creators = {
    count,
    topics: new Uint8Array(count * HOME_TOPICS),
    homes: new Uint8Array(count),
    quality: new Float32Array(count),
    clickbait: new Float32Array(count),
    styles: new Float32Array(count * STYLES),
    region: new Uint8Array(count),
    reach: new Float64Array(count),
  }
  let reach = 0
  for (let row = 0; row < count; row++) {
    made.homes[row] = 1 + random.int(HOME_TOPICS)
    const first = random.int(TOPICS)
    for (let t = 0; t < HOME_TOPICS; t++)
      made.topics[row * HOME_TOPICS + t] = (first + t * (1 + random.int(5))) % TOPICS
    made.quality[row] = random.beta(2.5, 2)
    made.clickbait[row] = random.beta(1, 4)
    for (let d = 0; d < STYLES; d++) made.styles[row * STYLES + d] = random.normal()
    made.region[row] = regionAt(random.next())
    reach += 1 / (row + 2) ** 0.8
    made.reach[row] = reach
  }
  return made
}

/** A creator by lot, the big ones more often. `uniform` in [0, 1). */
export function creatorAt(creators: Creators, uniform: number): number {
  const wanted = uniform * creators.reach[creators.count - 1]
  let low = 0
  let high = creators.count - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (creators.reach[middle] > wanted) high = middle
    else low = middle + 1
  }
  return low
}
