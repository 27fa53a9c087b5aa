import type { LearnedRanker } from '../../serving/inference/index.ts'
import { clickOf, orderOf, type Outcome, type Query } from '../../serving/pipeline/index.ts'
import { firstOverlap, type ShadowedScores, spread } from '../../serving/watch/index.ts'
import type { Parts } from '../parts.ts'

/** Who is compared: a version in the shadow, and who ranked. */
interface Pair {
  readonly model: string
  /** Version in the shadow. */
  readonly shadow: string
  /** MODEL/VERSION, or `bootstrap`. */
  readonly live: string
}

/** What came of one slate of the share. Plain: it can go from thread to thread. */
export type ShadowNews = Pair &
  (
    | { readonly result: 'compared'; readonly scores: ShadowedScores }
    /** Another slate was being scored: none waits. */
    | { readonly result: 'skipped' }
    | { readonly result: 'failed'; readonly why: string }
  )

/** Places that can be asked in the shadow, with the stage that reports their time: what they ranked is all there afterwards. */
const places = ['fine', 'degraded'] as const
type Place = (typeof places)[number]

/** Stages that give the last scores: the one that ran last gave them. */
const LAST = new Set(['fine', 'degraded', 'simple'])

/**
 * Has versions in the shadow score what was ranked for a share of the slates, when the answer is out. One slate at a time;
 * what comes meanwhile is skipped. Nothing here is waited for, and nothing that goes wrong reaches a slate.
 */
export class Shadows {
  private readonly parts: Pick<Parts, 'rankers' | 'config' | 'clock'>
  private readonly told: (news: ShadowNews) => void
  private scoring = false

  constructor(parts: Shadows['parts'], told: (news: ShadowNews) => void) {
    this.parts = parts
    this.told = told
  }

  /** Call when the slate is made; it goes out first. */
  see(query: Query, outcome: Outcome): void {
    const place = this.placeOf(outcome)
    if (!place) return
    const { rankers, config } = this.parts
    const { model, shadow } = rankers[place]
    if (model === undefined || shadow.version === undefined) return
    if (query.random('shadow').next() >= config.ranking.shadowShare) return
    const pair = { model, shadow: shadow.version, live: withoutUpdate(outcome.ranked.scoredBy['fine']?.by ?? '') }
    if (this.scoring) this.told({ ...pair, result: 'skipped' })
    else {
      this.scoring = true
      setImmediate(() => void this.score(pair, place, query, outcome))
    }
  }

  private async score(pair: Pair, place: Place, query: Query, outcome: Outcome): Promise<void> {
    try {
      const scores = await this.compare(this.parts.rankers[place], query, outcome)
      this.told({ ...pair, result: 'compared', scores })
    } catch (error) {
      this.told({ ...pair, result: 'failed', why: error instanceof Error ? error.message : String(error) })
    } finally {
      this.scoring = false
    }
  }

  private async compare({ shadow }: LearnedRanker, query: Query, outcome: Outcome): Promise<ShadowedScores> {
    const { ranked, stages } = outcome
    const { clock } = this.parts
    const from = clock.ticks()
    const predicted = await shadow.predict(query, ranked)
    const ms = clock.ticks() - from
    const order = orderOf(
      Float32Array.from(ranked.rows, (_, i) => predicted.value(i)),
      ranked.rows,
    )
    const taken = spread(ranked.count)
    const live = Float32Array.from(taken, (i) => clickOf(query, outcome, i))
    const said = Float32Array.from(taken, (i) => predicted.of(i)['click'] ?? Number.NaN)
    const liveMs = stages.findLast(({ stage }) => LAST.has(stage))?.ms ?? 0
    return {
      overlap: firstOverlap(Uint32Array.from(order.keys()), order),
      clicks: { live, shadow: said },
      ms: { live: liveMs, shadow: ms },
    }
  }

  /** Whose live version has ranked just now; of a model without one, it is the ranker set by hand in its place. */
  private placeOf({ ranked, kept, whole, ranker }: Outcome): Place | undefined {
    const by = ranked.scoredBy['fine']?.by
    if (by === undefined || kept || !ranker) return undefined
    const { rankers } = this.parts
    const { fine } = rankers
    return (
      places.find((place) => rankers[place].version !== undefined && rankers[place].name === by) ??
      (whole && fine.version === undefined ? 'fine' : undefined)
    )
  }
}

/** The version without what it learned since. */
function withoutUpdate(name: string): string {
  return name.split('+', 1)[0] as string
}
