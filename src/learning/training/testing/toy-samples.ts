import { HOUR, Random } from '../../../foundation/base/index.ts'
import {
  Dataset,
  HEADS,
  headNames,
  SAMPLES_SCHEMA,
  type SampleChunk,
  type SamplesHeader,
} from '../../../stream/samples/index.ts'
import type { ItemFacts } from '../../models/index.ts'

const ITEMS = 60
const CATEGORIES = 6
const K = 6
const LENGTH = 8
const START = Date.UTC(2026, 0, 1)

/** Item i has category i % 6 and creator i % 10. */
export const toyFacts: ItemFacts = { creator: (item) => item % 10, categories: (item) => [item % CATEGORIES] }

/**
 * What is clicked, with probability 0.9 against 0.1. `taste`: items of the category that fills the history. `order`: the
 * items of the category after that of the latest entry; which categories came before says nothing.
 */
export type Planted = 'taste' | 'order'

/** Requests with a planted answer. Two feature columns: noise, and a weak hint at the click. */
export function toySamples(planted: Planted, requests: number, seed: string | number = 0): Dataset {
  const random = new Random(`${seed} toy ${planted}`)
  const n = requests * K
  const chunk = emptyChunk(requests, n)
  for (let r = 0; r < requests; r++) {
    const own = random.int(CATEGORIES)
    chunk.requests.user[r] = random.int(50)
    chunk.requests.at[r] = START + r * 0.01 * HOUR
    chunk.requests.surface[r] = 1
    chunk.requests.impressionEnd[r] = (r + 1) * K
    chunk.requests.historyEnd[r] = (r + 1) * LENGTH
    for (let t = 0; t < LENGTH; t++) {
      const category = planted === 'taste' && random.chance(0.8) ? own : random.int(CATEGORIES)
      const at = r * LENGTH + t
      chunk.histories.item[at] = category + CATEGORIES * random.int(ITEMS / CATEGORIES)
      chunk.histories.ago[at] = 60 * 2 ** (LENGTH - t)
      chunk.histories.kind[at] = 1
      chunk.histories.completion[at] = -1
    }
    const latest = chunk.histories.item[(r + 1) * LENGTH - 1] % CATEGORIES
    const wanted = planted === 'taste' ? own : (latest + 1) % CATEGORIES
    for (let k = 0; k < K; k++) {
      const i = r * K + k
      const item = k === 0 ? wanted + CATEGORIES * random.int(ITEMS / CATEGORIES) : random.int(ITEMS)
      const click = random.chance(item % CATEGORIES === wanted ? 0.9 : 0.1) ? 1 : 0
      chunk.impressions.item[i] = item
      chunk.impressions.position[i] = -1
      chunk.impressions.weight[i] = 1
      chunk.impressions.known[i] = 0b01011 // click, watch, report
      chunk.impressions.labels.set([click, click * random.next(), 0, 0, 0], i * HEADS)
      chunk.impressions.features.set([random.normal(), 0.3 * click + random.normal()], i * 2)
    }
  }
  return new Dataset(header, [chunk])
}

const header: SamplesHeader = {
  schema: SAMPLES_SCHEMA,
  featureNames: ['noise', 'hint'],
  featureDigest: 'toy',
  heads: headNames,
  kinds: ['impression', 'click'],
  surfaces: ['', 'home'],
  attributionMs: 0,
  returnMs: 0,
  seed: 'toy',
}

function emptyChunk(requests: number, impressions: number): SampleChunk {
  return {
    requests: {
      user: new Int32Array(requests),
      at: new Float64Array(requests),
      surface: new Uint8Array(requests),
      origin: new Uint8Array(requests),
      place: new Float64Array(requests),
      impressionEnd: new Uint32Array(requests),
      historyEnd: new Uint32Array(requests),
      nearEnd: new Uint32Array(requests),
    },
    impressions: {
      item: new Uint32Array(impressions),
      position: new Int16Array(impressions),
      propensity: new Float32Array(impressions),
      explored: new Uint8Array(impressions),
      weight: new Float32Array(impressions),
      known: new Uint8Array(impressions),
      labels: new Float32Array(impressions * HEADS),
      features: new Float32Array(impressions * 2),
    },
    histories: {
      item: new Uint32Array(requests * LENGTH),
      ago: new Float32Array(requests * LENGTH),
      kind: new Uint8Array(requests * LENGTH),
      completion: new Float32Array(requests * LENGTH),
    },
    nears: { item: new Uint32Array(0) },
  }
}
