import { DAY, HOUR, hash32 } from '../../foundation/base/index.ts'
import type { JoinCounts } from './join.ts'

/** Near misses kept per request. */
export const NEAR_MAX = 20

export interface ServedItemFacts {
  readonly item: string
  /** Probability with which this item came to this place; 0 when it is not known. */
  readonly propensity: number
  readonly explored: boolean
  /** [features] what it was scored with, columns of the same digest; then nothing is read again for it. */
  readonly features?: Float32Array
}

/** What is known of a slate from the log of what was served. */
export interface ServedFacts {
  readonly items: readonly ServedItemFacts[]
  /** Ranked and not shown, best first. */
  readonly runnersUp: readonly { readonly item: string }[]
}

export interface SampleOptions {
  /** How long after the first impression an outcome counts, milliseconds. Default 2 hours. */
  readonly attributionMs?: number
  /** How long after it a return counts; 0 turns the head off. The reader runs this far ahead. Default 7 days. */
  readonly returnMs?: number
  /** Only requests from this moment on, and before that one. The state is folded all the same. */
  readonly since?: number
  readonly until?: number
  /** Share of the requests kept, by lot on slate and viewer. Default 1. */
  readonly share?: number
  /** Negatives drawn for a positive without impressions. Default 4. */
  readonly negatives?: number
  /** Share of them drawn by popularity (a past consumption by lot), the others evenly from the catalogue. Default 0.5. */
  readonly popularShare?: number
  /** Keep shown slates whose attribution window the log does not cover? Their missing outcomes read as 0. Default false. */
  readonly keepOpen?: boolean
  readonly seed?: string
  /** Names of the surfaces, in order: their codes from 1. */
  readonly surfaces?: readonly string[]
  /** Was the order of this slate pure lot? Besides those of which the served log says so: all of its items were explored. */
  readonly randomised?: (slate: string) => boolean
  readonly served?: (slate: string) => ServedFacts | undefined
  /** Impressions with a known propensity weigh 1 / propensity, at most this. Default 1: all weigh alike. */
  readonly inverseWeightMax?: number
  /** Impressions in a chunk. Default 8192. */
  readonly chunkImpressions?: number
  /** Requests that may wait for their outcomes; beyond, the oldest go early. Default 2 000 000. */
  readonly pendingMax?: number
}

export interface BuildReport extends JoinCounts {
  /** Journal entries read. */
  entries: number
  requests: number
  samples: number
  /** Requests left out: no impression, near the end of the log, of viewers who opted out, outside the time or share. */
  unshown: number
  open: number
  optedOut: number
  passedOver: number
  /** Requests whose slate the served log knows, and impressions with the features they were scored with. */
  served: number
  asServed: number
  /** Items left out because they were not in the catalogue then. */
  unknownItems: number
  /** Requests emitted before their windows were read, because too many waited. */
  early: number
}

export const emptyReport = (): BuildReport => ({
  ...{ impressions: 0, repeated: 0, beyondLimit: 0, outcomes: 0, late: 0, implied: 0, foreign: 0 },
  ...{ entries: 0, requests: 0, samples: 0, unshown: 0, open: 0, optedOut: 0, passedOver: 0, unknownItems: 0 },
  ...{ served: 0, asServed: 0, early: 0 },
})

export type CompleteOptions = ReturnType<typeof completed>

/** With all defaults. */
export function completed(options: SampleOptions) {
  return {
    attributionMs: 2 * HOUR,
    returnMs: 7 * DAY,
    since: Number.NEGATIVE_INFINITY,
    until: Number.POSITIVE_INFINITY,
    share: 1,
    negatives: 4,
    popularShare: 0.5,
    keepOpen: false,
    seed: 'samples',
    surfaces: [] as readonly string[],
    randomised: (_: string): boolean => false,
    served: (_: string): ServedFacts | undefined => undefined,
    inverseWeightMax: 1,
    chunkImpressions: 8192,
    pendingMax: 2_000_000,
    ...options,
  }
}

/** Kept by lot: the same requests whatever else is in the log. */
export function keptByLot(key: string, share: number, seed: string): boolean {
  return share >= 1 || hash32(key, hash32(seed)) < share * 4_294_967_296
}
