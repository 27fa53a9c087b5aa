import type { Clock } from '../../foundation/base/index.ts'
import type { Rung } from '../../domain/index.ts'
import type { Candidates } from './candidates.ts'
import type { Scorer } from './contracts.ts'
import { type FeatureReading, missingGroups, missingReading, readingNote } from './feature-reading.ts'
import { type Done, Guard } from './guard.ts'
import { type Chance, Outlook } from './outlook.ts'
import type { PipelineParts } from './parts.ts'
import type { Query } from './query.ts'
import type { Timeline } from './timeline.ts'
import type { Below, Way } from './ways.ts'
import { isWhole, type LastStage, rungBy, Worths } from './worths.ts'

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
  /** Share of the healthy slate's worth. */
  readonly worth: number
  /** Who gave the last scores. */
  readonly ranker: Scorer
}

const CERTAIN: Chance = { ended: 1, succeeded: 1 }
const REFUSED: Chance = { ended: 1, succeeded: 0 }
/** What is there already. Its worth is looked up only when it is asked for. */
const certainly = (below: Below): Way => ({
  rung: below.rung,
  get worth() {
    return below.worth
  },
  chance: CERTAIN,
})

/**
 * The scoring stages, each behind a guard, and the ways down: fine rank on features, fresh or stale; the degraded
 * model, which does without; the ranker set by hand; the order of the coarse rank; the order of retrieval. Whenever one
 * has failed, the next is chosen anew by what it is worth under the circumstances. Scores land in the set only when they
 * are whole: a scorer that is late writes into nothing.
 */
export class Ranking {
  private readonly parts: PipelineParts
  private readonly clock: Clock
  private readonly guards: { readonly [stage in 'coarse' | 'coarseSimple' | 'features' | LastStage]: Guard }

  private readonly worths: Worths
  private readonly outlooks = { full: new Outlook(), degraded: new Outlook() }

  constructor(parts: PipelineParts, clock: Clock) {
    this.parts = parts
    this.clock = clock
    this.worths = new Worths(parts)
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

  /** Sets the coarse scores, or leaves those of retrieval. `rung`, `worth`: of the order as it is now; `whole`: as it should be? */
  async coarse(
    query: Query,
    set: Candidates,
    left: () => number,
  ): Promise<Done & { rung: Rung; worth: number; whole: boolean }> {
    const { coarse, coarseSimple } = this.parts
    const { scores, ...done } = await this.scored('coarse', coarse, query, set, left())
    const simple =
      scores || !coarseSimple ? undefined : await this.scored('coarseSimple', coarseSimple, query, set, left())
    const given = scores ?? simple?.scores
    set.coarseScores.set(given ?? set.retrievalScores)
    set.scores.set(set.coarseScores)
    const rung = given ? 'coarse' : 'retrieval'
    const worth = this.worths.ofOrder(rung, scores ? coarse : simple?.scores && coarseSimple)
    return { ...done, rung, worth, whole: scores !== undefined }
  }

  /**
   * Sets the last scores: tries the chosen way, then the best of those that are left. Undefined when none of them works or
   * what is `below` them is worth more.
   */
  async last(
    query: Query,
    set: Candidates,
    left: () => Left,
    timeline: Timeline,
    below: Below,
  ): Promise<Ranked | undefined> {
    const ways = this.ways(left(), below)
    const way = ways[this.choose(ways)] as Way
    if (way.rung !== 'full') {
      const done: Done = { status: 'skipped', note: `${way.rung} instead: it would take too long` }
      for (const stage of ['features', 'fine']) timeline.end(stage, done, timeline.now(), 0, set.count, set.count)
    }
    const start = this.clock.ticks()
    const reading = way.rung === 'full' ? await this.read(query, set, left().features, timeline) : undefined
    let rest = way.rung === below.rung ? [] : this.stages(reading)
    for (let stage = this.next(rest, reading, left(), below); stage; stage = this.next(rest, reading, left(), below)) {
      const ranker = await this.rankBy(stage, query, set, reading, left().fine, timeline)
      if (ranker) {
        this.note(way.rung, stage === 'fine', this.clock.ticks() - start)
        return { rung: rungBy(stage, reading), worth: this.worths.ofStage(stage, reading), ranker }
      }
      rest = rest.filter((other) => other !== stage)
    }
    for (const stage of rest) {
      const done: Done = { status: 'skipped', note: 'what is there without it is worth more' }
      timeline.end(stage, done, timeline.now(), 0, set.count, set.count)
    }
    this.note(way.rung, false, 0)
    return undefined
  }

  /** Keeps how it went on the whole way, if that was tried. Coming out on a lower one is a failure of it. */
  private note(tried: Rung, good: boolean, ms: number): void {
    if (tried === 'full') this.outlooks.full.note(good ? ms : 0, good, this.clock.ticks())
  }

  private noteDegraded(good: boolean, start: number): void {
    const now = this.clock.ticks()
    this.outlooks.degraded.note(good ? now - start : 0, good, now)
  }

  /** Who could score, given the features that came. */
  private stages(reading: FeatureReading | undefined): readonly LastStage[] {
    const degraded = this.isReady ? (['degraded'] as const) : []
    if (!reading) return degraded
    const simple = this.parts.simple ? (['simple'] as const) : []
    return isWhole(reading) ? ['fine', ...degraded, ...simple] : [...degraded, 'fine', ...simple]
  }

  /** Who is to score next; undefined when what is there already is worth more. */
  private next(
    rest: readonly LastStage[],
    reading: FeatureReading | undefined,
    { whole }: Left,
    below: Below,
  ): LastStage | undefined {
    const ways = rest.map((stage): Way => {
      const chance = stage === 'degraded' ? this.degradedChance(whole) : CERTAIN
      return { rung: rungBy(stage, reading), worth: this.worths.ofStage(stage, reading), chance }
    })
    return rest[this.choose([...ways, certainly(below)])]
  }

  private choose(ways: readonly Way[]): number {
    return this.parts.choose?.(ways) ?? 0
  }

  private ways({ whole }: Left, below: Below): Way[] {
    const { outlooks, guards } = this
    const isOff = guards.features.state === 'open' || guards.fine.state === 'open'
    const chance = isOff ? REFUSED : outlooks.full.within(whole, this.clock.ticks())
    const ways: Way[] = [{ rung: 'full', worth: this.worths.of({ rung: 'full' }), chance }]
    if (this.isReady) {
      const worth = this.worths.ofStage('degraded', undefined)
      ways.push({ rung: 'degraded', worth, chance: this.degradedChance(whole) })
    }
    ways.push(certainly(below))
    return ways
  }

  private degradedChance(ms: number): Chance {
    const { outlooks, guards } = this
    return guards.degraded.state === 'open' ? REFUSED : outlooks.degraded.within(ms, this.clock.ticks())
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
    const start = this.clock.ticks()
    const { scores, ...done } = await this.scored(stage, scorer, query, set, budget)
    if (stage === 'degraded') this.noteDegraded(scores !== undefined, start)
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

/** What the report of the stage says of a reading that is not whole. */
function saidOf(reading: FeatureReading): Partial<Done> {
  const note = readingNote(reading)
  if (note === undefined) return {}
  return missingGroups(reading).length > 0 ? { status: 'late', note } : { note }
}
