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
  /** Distance of the distributions of click scores; missing while there are too few, or where one predicts none. */
  readonly psi?: Psi
  /** Milliseconds of the scoring. */
  readonly ms: { readonly live: Times; readonly shadow: Times }
}

/** A version in the shadow beside the live one, over the latest slates that both scored. */
export class ShadowComparison {
  /** Per slate: overlap, milliseconds of the live one and of the shadow. */
  private readonly slates = new Ring(SLATES_MAX, 3)
  /** Per candidate: click scores of the live one and of the shadow. */
  private readonly clicks = new Ring(SLATES_MAX * CLICKS, 2)

  add({ overlap, clicks, ms }: ShadowedScores): void {
    this.slates.next().set([overlap, ms.live, ms.shadow])
    for (let i = 0; i < clicks.live.length; i++) this.clicks.next().set([clicks.live[i], clicks.shadow[i]])
  }

  /** Undefined before the first slate. */
  figures(): ShadowFigures | undefined {
    const { slates } = this
    if (slates.count === 0) return undefined
    const overlaps = slates.column(0)
    const distance = this.distance()
    return {
      slates: slates.count,
      overlap: overlaps.reduce((sum, one) => sum + one, 0) / overlaps.length,
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

/**
 * Share of the first 20 of one order that are among the first 20 of another; of fewer items, the whole of both. 1 for
 * no items. Orders are lists of the same items, best first.
 */
export function firstOverlap(live: ArrayLike<number>, shadow: ArrayLike<number>): number {
  const first = Math.min(FIRST, live.length)
  if (first === 0) return 1
  const among = new Set(Array.from({ length: first }, (_, place) => shadow[place]))
  let both = 0
  for (let place = 0; place < first; place++) if (among.has(live[place])) both++
  return both / first
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
