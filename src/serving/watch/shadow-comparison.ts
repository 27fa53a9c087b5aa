import { type Psi, psi, SAMPLES_MIN } from '../../judging/drift/index.ts'
import { quantile } from '../../judging/metrics/index.ts'
import { Ring } from './ring.ts'

/** Items of the head of a list that are held against each other. */
export const FIRST = 20
/** Slates kept; older ones fall out. */
const SLATES_MAX = 500
/** Candidates of a slate whose click scores are kept. */
const CLICKS = 20

/** What one slate came to, by the version that ranked it and by the one in the shadow. */
export interface ShadowedScores {
  /** See `firstOverlap`. */
  readonly overlap: number
  /** Of a coarse ranker: of the first 20 of the fine rank that the live one has cut to, the share that it would keep. */
  readonly kept?: number
  /** Probabilities of a click of the same candidates: see `spread`. */
  readonly clicks: { readonly live: Float32Array; readonly shadow: Float32Array }
  /** Milliseconds of the scoring. */
  readonly ms: { readonly live: number; readonly shadow: number }
}

export interface Times {
  readonly p50: number
  readonly p99: number
}

export interface ShadowFigures {
  /** Slates that the figures are of: the latest. */
  readonly slates: number
  /** Mean share of the first 20 of the live order that are among the first 20 of the shadow's. */
  readonly overlap: number
  /** Of a coarse ranker: of the first 20 of the fine rank that the live one has cut to, the mean share that it would keep. */
  readonly kept?: number
  /** Distance of the distributions of click scores; missing while there are too few, or where one predicts none. */
  readonly psi?: Psi
  /** Milliseconds of the scoring. */
  readonly ms: { readonly live: Times; readonly shadow: Times }
}

/** A version in the shadow beside the live one, over the latest slates that both scored. */
export class ShadowComparison {
  /** Per slate: overlap, milliseconds of the live one and of the shadow, share kept (NaN: it cuts nothing). */
  private readonly slates = new Ring(SLATES_MAX, 4)
  /** Per candidate: click scores of the live one and of the shadow. */
  private readonly clicks = new Ring(SLATES_MAX * CLICKS, 2)

  add({ overlap, kept = Number.NaN, clicks, ms }: ShadowedScores): void {
    this.slates.next().set([overlap, ms.live, ms.shadow, kept])
    for (let i = 0; i < clicks.live.length; i++) this.clicks.next().set([clicks.live[i], clicks.shadow[i]])
  }

  /** Undefined before the first slate. */
  figures(): ShadowFigures | undefined {
    const { slates } = this
    if (slates.count === 0) return undefined
    const kept = meanOf(slates.column(3))
    const distance = this.distance()
    return {
      slates: slates.count,
      overlap: meanOf(slates.column(0)),
      ...(!Number.isNaN(kept) && { kept }),
      ...(distance && { psi: distance }),
      ms: { live: timesOf(slates.column(1)), shadow: timesOf(slates.column(2)) },
    }
  }

  private distance(): Psi | undefined {
    const [live, shadow] = [this.clicks.column(0), this.clicks.column(1)]
    if (live.length < SAMPLES_MIN || live.every(Number.isNaN) || shadow.every(Number.isNaN)) return undefined
    return psi(live, shadow)
  }
}

const meanOf = (values: Float32Array): number => values.reduce((sum, one) => sum + one, 0) / values.length

/** Share of some that are among others; 1 for none. */
export function shareAmong(some: ArrayLike<number>, others: Iterable<number>): number {
  const { length } = some
  if (length === 0) return 1
  const among = new Set(others)
  let both = 0
  for (let place = 0; place < length; place++) if (among.has(some[place] as number)) both++
  return both / length
}

/**
 * Share of the first 20 of one order that are among the first 20 of another; of fewer items, the whole of both. 1 for
 * no items. Orders are lists of the same items, best first.
 */
export function firstOverlap(live: ArrayLike<number>, shadow: ArrayLike<number>): number {
  const first = (order: ArrayLike<number>) => Array.from({ length: Math.min(FIRST, live.length) }, (_, i) => order[i])
  return shareAmong(first(live), first(shadow))
}

/** Places of up to 20 of a number of candidates, evenly spread from the first on. */
export function spread(count: number): number[] {
  const taken = Math.min(CLICKS, count)
  return Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken))
}

function timesOf(ms: Float32Array): Times {
  const sorted = Float64Array.from(ms).sort()
  return { p50: quantile(sorted, 0.5) ?? 0, p99: quantile(sorted, 0.99) ?? 0 }
}
