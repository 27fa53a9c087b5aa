import type { LearnedRanker } from '../../serving/inference/index.ts'
import { type Candidates, clickOf, orderOf, type Outcome, type Query } from '../../serving/pipeline/index.ts'
import { FIRST, firstOverlap, type ShadowedScores, shareAmong, spread } from '../../serving/watch/index.ts'
import type { Parts, RankingPlace } from '../parts.ts'

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

/** Places whose scores are the last ones of a slate: one of them has ranked it. */
const lastPlaces = ['fine', 'degraded'] as const

/** Stages that give the last scores: the one that ran last gave them. */
const LAST = new Set(['fine', 'degraded', 'simple'])
/** The stage that cuts what was retrieved. */
const COARSE = new Set(['coarse'])

/** What a version in the shadow is asked: to score candidates that the live one has scored. */
interface Ask extends Pair {
  readonly place: RankingPlace
  readonly set: Candidates
}

/**
 * Has versions in the shadow score what was ranked for a share of the slates, when the answer is out: those of the last
 * place what it ranked, that of the coarse place what it was given to cut. One slate at a time; what comes meanwhile is
 * skipped. Nothing here is waited for, and nothing that goes wrong reaches a slate.
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
    const asks = [this.ofLast(outcome), this.ofCut(outcome)].filter((ask) => ask !== undefined)
    if (asks.length === 0) return
    if (query.random('shadow').next() >= this.parts.config.ranking.shadowShare) return
    if (this.scoring) for (const ask of asks) this.told({ ...pairOf(ask), result: 'skipped' })
    else {
      this.scoring = true
      setImmediate(() => void this.score(asks, query, outcome))
    }
  }

  private async score(asks: readonly Ask[], query: Query, outcome: Outcome): Promise<void> {
    try {
      for (const ask of asks) this.told({ ...pairOf(ask), ...(await this.answerOf(ask, query, outcome)) })
    } finally {
      this.scoring = false
    }
  }

  private async answerOf(ask: Ask, query: Query, outcome: Outcome) {
    try {
      return { result: 'compared', scores: await this.compare(ask, query, outcome) } as const
    } catch (error) {
      return { result: 'failed', why: error instanceof Error ? error.message : String(error) } as const
    }
  }

  private async compare({ place, set }: Ask, query: Query, outcome: Outcome): Promise<ShadowedScores> {
    const { clock, rankers } = this.parts
    const from = clock.ticks()
    const predicted = await rankers[place].shadow.predict(query, set)
    const ms = clock.ticks() - from
    const values = Float32Array.from(set.rows, (_, i) => predicted.value(i))
    const order = orderOf(values, set.rows)
    const taken = spread(set.count)
    const shadow = Float32Array.from(taken, (i) => predicted.of(i)['click'] ?? Number.NaN)
    const msOf = (stages: ReadonlySet<string>) => outcome.stages.findLast(({ stage }) => stages.has(stage))?.ms ?? 0
    if (place !== 'coarse') {
      const live = Float32Array.from(taken, (i) => clickOf(query, outcome, i))
      const overlap = firstOverlap(Uint32Array.from(order.keys()), order) // what was ranked lies in its order
      return { overlap, clicks: { live, shadow }, ms: { live: msOf(LAST), shadow: ms } }
    }
    const live = Float32Array.from(taken, (i) => set.predictions?.of(i)['click'] ?? Number.NaN)
    const liveOrder = orderOf(set.coarseScores, set.rows)
    const cut = (by: Uint32Array) => Array.from(by.subarray(0, query.plan.rank), (i) => set.rows[i] as number)
    const chosen = new Set(cut(liveOrder)) // without those of reserved sources, which pass any cut
    const first = outcome.ranked.rows.filter((row) => chosen.has(row)).subarray(0, FIRST)
    return {
      overlap: firstOverlap(liveOrder, order),
      kept: shareAmong(first, cut(order)),
      clicks: { live, shadow },
      ms: { live: msOf(COARSE), shadow: ms },
    }
  }

  /** Whose live version has ranked just now; of a model without one, it is the ranker set by hand in its place. */
  private ofLast({ ranked, kept, whole, ranker }: Outcome): Ask | undefined {
    const by = ranked.scoredBy['fine']?.by
    if (by === undefined || kept || !ranker) return undefined
    const { rankers } = this.parts
    const { fine } = rankers
    const place =
      lastPlaces.find((place) => rankers[place].version !== undefined && rankers[place].name === by) ??
      (whole && fine.version === undefined ? 'fine' : undefined)
    return place && askOf(place, rankers[place], by, ranked)
  }

  /** The same of who has cut; not of a model that is asked in the last place: its figures are of one place. */
  private ofCut({ given, kept }: Outcome): Ask | undefined {
    const by = given?.scoredBy['coarse']?.by
    if (given === undefined || by === undefined || kept) return undefined
    const { coarse, ...last } = this.parts.rankers
    if (Object.values(last).some(({ model }) => model === coarse.model)) return undefined
    const cutBy = coarse.version === undefined || coarse.name === by
    return cutBy ? askOf('coarse', coarse, by, given) : undefined
  }
}

function askOf(place: RankingPlace, { model, shadow }: LearnedRanker, by: string, set: Candidates): Ask | undefined {
  const { version } = shadow
  if (model === undefined || version === undefined) return undefined
  return { place, set, model, shadow: version, live: withoutUpdate(by) }
}

const pairOf = ({ model, shadow, live }: Ask): Pair => ({ model, shadow, live })

/** The version without what it learned since. */
function withoutUpdate(name: string): string {
  return name.split('+', 1)[0] as string
}
