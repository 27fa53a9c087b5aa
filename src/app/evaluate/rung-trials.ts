import type { Config } from '../../domain/index.ts'
import { Deadline, manualClock, Random } from '../../foundation/base/index.ts'
import { type FaultName, injectionOf } from '../../serving/ladder/index.ts'
import { inStore, memoryStore } from '../../serving/features/index.ts'
import type { Outcome, Query } from '../../serving/pipeline/index.ts'
import type { Entry } from '../../stream/events/index.ts'
import { shareOf, type World, type Worth } from '../../world/index.ts'
import { createParts, type Parts } from '../parts.ts'
import { hydrate } from '../serve/hydrate.ts'
import type { EvaluateOptions } from './report.ts'

export interface RungsTask extends Pick<EvaluateOptions, 'onProgress'> {
  readonly world: World
  /** What happened until the end of the world's history; read more than once. */
  readonly history: () => Iterable<Entry>
  /** Takes trained models into use; none where nothing is trained. */
  readonly use?: (parts: Parts) => Promise<void>
  readonly config: Config
  readonly surface: string
  readonly viewersMax: number
}

/** A share with its 95 % interval over viewers; without one where it cannot be told. */
export interface Measured {
  readonly value: number
  readonly low: number | null
  readonly high: number | null
}

interface Found {
  readonly worths: ReadonlyMap<number, Worth>
  /** Slates by the rung they were seen on. */
  readonly rungs: Readonly<Record<string, number>>
}

const LIMIT = 20
/** Share of the history after which slates are kept for later. */
const KEPT_AT = 0.9
/** Long enough for every breaker to let probes through again. */
const PAUSE_MS = 60_000
const UNHURRIED_MS = 50_000

/** Asks for slates of the same viewers at the end of a world's history, of platforms that lack this or that. */
export class RungTrials {
  /** Whose slates are asked for, in an order of chance. */
  readonly viewers: readonly number[]
  private readonly task: RungsTask
  /** Stands still within a measurement. */
  private readonly clock

  constructor(task: RungsTask) {
    const { world, viewersMax } = task
    this.task = task
    this.clock = manualClock(world.end)
    const all = Uint32Array.from({ length: world.sizes.users }, (_, user) => user)
    this.viewers = [...new Random('viewers').shuffle(all).slice(0, viewersMax)]
  }

  /**
   * Folds the history. `keep`: keeps slates on the way, when nine tenths are over, so that they are as old as they would be.
   * `storeDown`: features of items and viewers are asked of nobody. `profile`: whose cuts.
   */
  async platform({ keep = false, storeDown = false, profile = '' }): Promise<Parts> {
    const { history, use } = this.task
    const config = this.unhurried(profile)
    const refuses = { ...memoryStore(), get: () => Promise.reject(new Error('the store is down')) }
    const online = storeDown ? inStore(refuses, config.features, this.clock, () => undefined) : undefined
    const parts = createParts(config, this.clock, undefined, online)
    await use?.(parts)
    const pause = keep ? Math.floor(lengthOf(history()) * KEPT_AT) : -1
    let at = 0
    for (const entry of history()) {
      if (at++ === pause) await this.keepSlates(parts, momentOf(entry))
      parts.state.apply(entry)
    }
    for (const retriever of parts.retrievers) await retriever.settled()
    parts.build()
    return parts
  }

  async measure(parts: Parts, faults: readonly FaultName[], way: 'run' | 'shed' = 'run'): Promise<Found> {
    const { pipeline, ladder } = parts
    const { world, onProgress } = this.task
    const worths = new Map<number, Worth>()
    const rungs: Record<string, number> = {}
    this.clock.advance(PAUSE_MS)
    ladder.injector.set(faults.map((fault) => injectionOf(fault)))
    for (const [done, user] of this.viewers.entries()) {
      const query = this.queryOf(parts, user, world.end)
      const outcome = way === 'run' ? await pipeline.run(query) : pipeline.shed(query)
      rungs[outcome.rung] = (rungs[outcome.rung] ?? 0) + 1
      worths.set(user, this.worthOf(user, shown(outcome), parts))
      if (done % 50 === 0)
        onProgress?.({ phase: `judge ${faults.join(' and ') || way}`, done, total: this.viewers.length })
    }
    ladder.injector.set([])
    return { worths, rungs }
  }

  /** What was retrieved, in the order of retrieval. */
  async byRetrieval(parts: Parts): Promise<Found> {
    const worths = new Map<number, Worth>()
    for (const user of this.viewers) {
      const { rows, retrievalScores: scores } = await parts.pipeline.gather(
        this.queryOf(parts, user, this.task.world.end),
      )
      const order = [...rows.keys()].sort((a, b) => scores[b] - scores[a] || rows[a] - rows[b])
      const first = order.slice(0, LIMIT).map((index) => rows[index])
      worths.set(user, this.worthOf(user, first, parts))
    }
    return { worths, rungs: { retrieval: this.viewers.length } }
  }

  /** Expected gain as a share of that of other slates for the same viewers. @throws RangeError when those are worth nothing */
  shareOf({ worths }: Found, against: Found): Measured {
    const share = shareOf('value', worths, against.worths)
    if (!share) throw new RangeError('whole slates are worth nothing here: there is nothing to compare with')
    return { value: share.value, low: share.low, high: share.high }
  }

  /** Against the best slates there are, 0 to 1. */
  meanOf({ worths }: Found): number {
    return [...worths.values()].reduce((sum, { value }) => sum + value, 0) / worths.size
  }

  /** The configuration with a profile's cuts, but all the time in the world: worth is asked for here, not speed. */
  private unhurried(profile: string): Config {
    const { config, surface } = this.task
    const { budgets, ladder, surfaces } = config
    const stages = { retrievalMs: 9000, coarseMs: 9000, featuresMs: 9000, fineMs: 9000, rerankMs: 9000, marginMs: 0 }
    const cuts = budgets.profiles[profile] ?? budgets.profiles[budgets.profile]
    const plan = surfaces[surface]
    if (!cuts || !plan) throw new RangeError(`there is no surface ${surface}`)
    // Nothing that is there without a ranker is worth showing: every one that works is asked for itself.
    const quality = { ...ladder.quality, coarse: 0, retrieval: 0, cached: 0, popular: 0 }
    const asked = { ...plan, budgetMs: UNHURRIED_MS, explorationSlots: [], pinSlots: [] }
    return {
      ...config,
      ladder: { ...ladder, quality },
      surfaces: { ...surfaces, [surface]: asked },
      budgets: {
        ...budgets,
        profile: 'unhurried',
        profiles: { ...budgets.profiles, unhurried: { ...cuts, budgetMs: UNHURRIED_MS, ...stages } },
      },
    }
  }

  private async keepSlates(parts: Parts, at: number): Promise<void> {
    parts.build()
    for (const user of this.viewers) await parts.pipeline.run(this.queryOf(parts, user, at))
  }

  private queryOf(parts: Parts, user: number, at: number): Query {
    const { world, surface } = this.task
    const query = hydrate(parts, { surface, user: world.userId(user), limit: LIMIT, at, seed: 'rungs' }, 0)
    return { ...query, deadline: new Deadline(manualClock(), UNHURRIED_MS) }
  }

  private worthOf(user: number, rows: readonly number[], parts: Parts): Worth {
    const { world } = this.task
    const items = rows.map((row) => world.itemRow(parts.state.items.ids.name(row)))
    return world.truth.worth(user, [...items, ...new Array<number>(LIMIT - items.length).fill(-1)])
  }
}

const shown = ({ picks, ranked }: Outcome): number[] => picks.map(({ index }) => ranked.rows[index])

function momentOf(entry: Entry): number {
  return entry.type === 'event' ? entry.event.at : entry.at
}

function lengthOf(entries: Iterable<Entry>): number {
  let length = 0
  for (const _ of entries) length++
  return length
}
