import type { Clock } from '../../foundation/base/index.ts'
import type { Rung } from '../../domain/index.ts'
import type { Candidates } from './candidates.ts'
import type { Scorer } from './contracts.ts'
import { type FeatureReading, missingGroups, missingReading, readingNote } from './feature-reading.ts'
import { type Done, Guard } from './guard.ts'
import { Outlook } from './outlook.ts'
import type { PipelineParts } from './parts.ts'
import type { Query } from './query.ts'
import type { Timeline } from './timeline.ts'
import type { Way } from './ways.ts'

/** The reader keeps the deadline itself; this much longer is waited for what it has by then. */
const GRACE_MS = 2

/** Milliseconds that the last scoring stages may take now. */
export interface Left {
  readonly features: number
  readonly fine: number
  /** Both together, and all that comes in the place of the second. */
  readonly whole: number
}

export interface Ranked {
  readonly rung: Rung
  /** Who gave the last scores; none when an earlier order was kept. */
  readonly ranker: Scorer | undefined
}

type LastStage = 'fine' | 'degraded' | 'simple'

/**
 * The scoring stages, each behind a guard, and the ways down: fine rank on features, fresh or stale; the degraded
 * model, which does without; the ranker set by hand; the order of the coarse rank; the order of retrieval. Scores land
 * in the set only when they are whole: a scorer that is late writes into nothing.
 */
export class Ranking {
  private readonly parts: PipelineParts
  private readonly clock: Clock
  private readonly guards: { readonly [stage in 'coarse' | 'coarseSimple' | 'features' | LastStage]: Guard }

  private readonly outlooks = { full: new Outlook(), degraded: new Outlook() }

  constructor(parts: PipelineParts, clock: Clock) {
    this.parts = parts
    this.clock = clock
    const guard = () => new Guard(clock)
    this.guards = {
      coarse: guard(),
      coarseSimple: guard(),
      features: guard(),
      fine: guard(),
      degraded: guard(),
      simple: guard(),
    }
  }

  /** Sets the coarse scores, or leaves those of retrieval. `rung`: whose order it is now; `whole`: as it should be? */
  async coarse(query: Query, set: Candidates, left: () => number): Promise<Done & { rung: Rung; whole: boolean }> {
    const { coarse, coarseSimple } = this.parts
    const { scores, ...done } = await this.scored('coarse', coarse, query, set, left())
    const simple =
      scores || !coarseSimple ? undefined : await this.scored('coarseSimple', coarseSimple, query, set, left())
    const given = scores ?? simple?.scores
    set.coarseScores.set(given ?? set.retrievalScores)
    set.scores.set(set.coarseScores)
    return { ...done, rung: given ? 'coarse' : 'retrieval', whole: scores !== undefined }
  }

  /** Sets the last scores: tries the chosen way, then those below it. `below`: the rung when none works. */
  async last(query: Query, set: Candidates, left: () => Left, timeline: Timeline, below: Rung): Promise<Ranked> {
    const ways = this.ways(left())
    const way = ways[this.parts.choose?.(ways) ?? 0]?.rung
    if (way !== 'full') {
      const done: Done = { status: 'skipped', note: `${way} instead: it would take too long` }
      for (const stage of ['features', 'fine']) timeline.end(stage, done, timeline.now(), 0, set.count, set.count)
    }
    const start = this.clock.ticks()
    const reading = way === 'full' ? await this.read(query, set, left().features, timeline) : undefined
    for (const stage of this.stages(way, reading)) {
      const ranker = await this.rankBy(stage, query, set, reading, left().fine, timeline)
      if (!ranker) continue
      const as = stage === 'fine' && reading ? 'full' : 'degraded'
      this.note(way, as, this.clock.ticks() - start)
      return { rung: reading && as === 'full' ? rungOf(reading) : as, ranker }
    }
    this.note(way, undefined, 0)
    return { rung: below, ranker: undefined }
  }

  /** Keeps how it went on the way that was tried. Coming out on a lower one is a failure of the first. */
  private note(tried: Rung | undefined, as: Rung | undefined, ms: number): void {
    if (tried !== 'full' && tried !== 'degraded') return
    const good = tried === as
    this.outlooks[tried].note(good ? ms : 0, good, this.clock.ticks())
  }

  /** Who is to score, in order, given the features that came. */
  private stages(way: Rung | undefined, reading: FeatureReading | undefined): readonly LastStage[] {
    if (way === 'coarse') return []
    const degraded = this.isReady ? (['degraded'] as const) : []
    if (!reading) return degraded
    const poor = missingGroups(reading).length > 0
    return poor ? [...degraded, 'fine', 'simple'] : ['fine', ...degraded, 'simple']
  }

  private ways({ whole }: Left): Way[] {
    const now = this.clock.ticks()
    const { outlooks, guards } = this
    const refused = { ended: 1, succeeded: 0 }
    const isOff = guards.features.state === 'open' || guards.fine.state === 'open'
    const ways: Way[] = [{ rung: 'full', chance: isOff ? refused : outlooks.full.within(whole, now) }]
    if (this.isReady) {
      const isDegradedOff = guards.degraded.state === 'open'
      ways.push({ rung: 'degraded', chance: isDegradedOff ? refused : outlooks.degraded.within(whole, now) })
    }
    ways.push({ rung: 'coarse', chance: { ended: 1, succeeded: 1 } })
    return ways
  }

  private get isReady(): boolean {
    const { degraded } = this.parts
    return degraded !== undefined && degraded.ready !== false
  }

  /** Reads the features into the set; gives how they came, or undefined when none did. */
  private async read(
    query: Query,
    set: Candidates,
    budget: number,
    timeline: Timeline,
  ): Promise<FeatureReading | undefined> {
    const reader = this.parts.features
    const from = timeline.now()
    const out = new Float32Array(set.count * reader.names.length)
    const read = () => {
      const given = reader.read(query, set.rows, out, query.deadline.within(budget), set.known)
      return given instanceof Promise ? given.then(usable) : usable(given)
    }
    const { value: reading, ...done } = await this.guards.features.call(read, budget > 0 ? budget + GRACE_MS : 0)
    timeline.end('features', { ...done, ...(reading && saidOf(reading)) }, from, budget, set.count, set.count)
    if (!reading) return undefined
    set.features = out
    set.known = undefined
    set.reading = reading
    return reading
  }

  private async rankBy(
    stage: LastStage,
    query: Query,
    set: Candidates,
    reading: FeatureReading | undefined,
    budget: number,
    timeline: Timeline,
  ): Promise<Scorer | undefined> {
    const scorer = this.parts[stage]
    if (!scorer) return undefined
    const from = timeline.now()
    const { names, groups } = this.parts.features
    if (!reading) {
      set.features = new Float32Array(set.count * names.length)
      set.reading = missingReading(groups)
    }
    const { scores, ...done } = await this.scored(stage, scorer, query, set, budget)
    if (!reading) set.features = new Float32Array(0) // neutral values are not what anybody saw
    if (scores) set.scores.set(scores)
    timeline.end(stage, done, from, budget, set.count, set.count)
    return scores ? scorer : undefined
  }

  /** Lets somebody score the set. What is said of a late answer is said of nothing. */
  private async scored(
    stage: keyof Ranking['guards'],
    scorer: Scorer,
    query: Query,
    set: Candidates,
    ms: number,
  ): Promise<Done & { scores?: Float32Array }> {
    const out = new Float32Array(set.count)
    const apart = set.apart()
    const by = scorer.name
    const work = () => {
      const given = scorer.score(query, apart, out)
      return given instanceof Promise ? given.then(() => out) : out
    }
    const { value, ...done } = await this.guards[stage].call(work, ms)
    if (!value) return done
    set.predictions = apart.predictions
    if (stage === 'coarse') set.known = apart.known
    set.scoredBy[stage.startsWith('coarse') ? 'coarse' : 'fine'] = { by }
    return { ...done, scores: value }
  }
}

/** @throws Error when nothing came at all: a model that expects features must not rank on neutral values alone */
function usable(reading: FeatureReading): FeatureReading {
  if (reading.groups.length > 0 && missingGroups(reading).length === reading.groups.length) {
    throw new Error(readingNote(reading))
  }
  return reading
}

function rungOf({ status }: FeatureReading): Rung {
  if (status.includes('missing')) return 'partial'
  return status.includes('stale') ? 'stale' : 'full'
}

/** What the report of the stage says of a reading that is not whole. */
function saidOf(reading: FeatureReading): Partial<Done> {
  const note = readingNote(reading)
  if (note === undefined) return {}
  return missingGroups(reading).length > 0 ? { status: 'late', note } : { note }
}
