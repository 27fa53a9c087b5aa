import { join } from 'node:path'
import { type Clock, Random } from '../../foundation/base/index.ts'
import type { Log, Metrics } from '../../foundation/telemetry/index.ts'
import type { IndexHome, OfVectors, OpenedIndex } from '../../serving/inference/index.ts'
import type { OutcomeFacts } from '../../serving/pipeline/index.ts'
import {
  buildInBackground,
  type IndexLife,
  type LifeGround,
  type LentIndex,
  lifeLimits,
  openKept,
  openLife,
  Shelf,
  SwapWatch,
} from '../../serving/vectors/index.ts'
import { IndexSignals } from './index-signals.ts'

/** How often the indexes look at what is due: a rollback by the command line takes effect within this time. */
const TICK_MS = 500

interface Home {
  readonly folder: string
  readonly log: Log | undefined
  readonly metrics?: Metrics | undefined
  /** How long the index of the version before is kept to go back to. */
  readonly keepVersionMs?: number
  /** Goes back to the version of a source's model before the live one: what viewers get speaks against it. */
  readonly takeBack?: (source: string, why: string) => Promise<unknown>
}

/** An index of one source: over which version of embeddings, what it is there for, and its name. */
export interface LentVersion {
  readonly version: string
  readonly duty: IndexLife['duty']
  readonly generation: string
  readonly index: LentIndex
}

/** By source. */
export type LentIndexes = Readonly<Record<string, readonly LentVersion[]>>

/** The indexes of all sources that search vectors, kept in the data folder from version to version. */
export class IndexLives {
  /** By source and version. */
  private readonly lives = new Map<string, Map<string, IndexLife>>()
  private readonly watches = new Map<string, SwapWatch>()
  private readonly clock: Clock
  private home: Home | undefined
  private signals: IndexSignals | undefined
  private timer: NodeJS.Timeout | undefined

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Where they are kept. Without, sources search exactly. */
  attach(home: Home): void {
    this.home = home
    this.signals = home.metrics && new IndexSignals(home.metrics)
    this.timer = setInterval(() => this.tick(), TICK_MS)
    this.timer.unref()
  }

  /** For a source to have its indexes from. */
  homeOf(source: string): IndexHome {
    return {
      open: (version, exact, of) => {
        const ground = this.groundOf(source, of)
        if (!ground) return { index: exact(), settled: () => Promise.resolve() }
        return this.watched(source, openLife(ground, version, exact))
      },
      kept: (version, living, of) => {
        const ground = this.groundOf(source, of)
        const life = ground && openKept(ground, version, living)
        return life && this.watched(source, life).index
      },
      serve: (version) => this.serve(source, version),
      rest: (version) => this.lives.get(source)?.get(version)?.rest(),
      drop: (version) => this.drop(source, version),
      past: (version) => this.home && this.shelfOf(source, this.home).past(version),
      failed: (error) => this.home?.log?.error({ error, source }, 'vectors cannot be made; it is tried again'),
    }
  }

  /** What each source's slates say of its index; `ranker`: who gave the scores. The slate goes out whatever comes of it. */
  observe({ ranked, picks }: Pick<OutcomeFacts, 'ranked' | 'picks'>, ranker?: string): void {
    for (const [source, life] of this.serving()) {
      const place = ranked.sources.indexOf(source)
      if (place < 0) continue
      let contributed = 0
      for (const { index } of picks) if (ranked.mask[index] & (1 << place)) contributed++
      const scores = picks.map(({ index }) => ranked.scores[index])
      const seen = { shown: picks.length, contributed, scores, ...(ranker !== undefined && { ranker }) }
      try {
        life.observe(seen)
      } catch (error) {
        this.home?.log?.error({ error, source, index: life.name }, 'slates speak against an index that stays in use')
      }
    }
  }

  /** Names of what serves, by source. */
  versions(): Record<string, string> {
    return Object.fromEntries(Array.from(this.serving(), ([source, life]) => [source, life.name]))
  }

  /** What serves, comes and is kept, by source, for other threads to search. */
  lent(): LentIndexes {
    const lentOf = ({ version, duty, name, lent }: IndexLife) => ({ version, duty, generation: name, index: lent })
    return Object.fromEntries(Array.from(this.lives, ([source, lives]) => [source, Array.from(lives.values(), lentOf)]))
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    this.home = undefined
    await Promise.all([...this.lives.values()].flatMap((lives) => Array.from(lives.values(), (life) => life.stop())))
    this.lives.clear()
  }

  private watched(source: string, life: IndexLife): OpenedIndex {
    const lives = this.lives.get(source) ?? new Map<string, IndexLife>()
    this.lives.set(source, lives.set(life.version, life))
    return { index: life, settled: () => life.ready() }
  }

  /** Undefined where nothing is kept. */
  private groundOf(source: string, of: OfVectors = {}): LifeGround | undefined {
    if (!this.home) return undefined
    const { clock } = this
    const { log, keepVersionMs = lifeLimits.keepVersionMs } = this.home
    const watch = this.watches.get(source) ?? new SwapWatch(lifeLimits)
    this.watches.set(source, watch)
    return {
      ...{ shelf: this.shelfOf(source, this.home), clock, watch },
      limits: { ...lifeLimits, keepVersionMs },
      ...{ build: buildInBackground, random: new Random(`shadow ${source}`) },
      ...of,
      goBack: (why) => void this.goBack(source, why),
      tell: (news) => {
        const { what, name, why, recall } = news
        log?.info({ source, index: name, why, recall }, `an index was ${told[what]}`)
        this.signals?.news(source, news)
      },
    }
  }

  private shelfOf(source: string, { folder }: Home): Shelf {
    return new Shelf(join(folder, source), this.clock)
  }

  /** The index of the version that is asked, by source. */
  private *serving(): Generator<readonly [string, IndexLife]> {
    for (const [source, lives] of this.lives)
      for (const life of lives.values()) if (life.duty === 'serving') yield [source, life]
  }

  private serve(source: string, version: string): void {
    const lives = this.lives.get(source)
    for (const life of lives?.values() ?? []) if (life.duty === 'serving' && life.version !== version) life.rest()
    lives?.get(version)?.serve()
  }

  /** A build under way ends by itself, and nothing comes of it. */
  private drop(source: string, version: string): void {
    const life = this.lives.get(source)?.get(version)
    this.lives.get(source)?.delete(version)
    life?.stop().catch((error: unknown) => this.home?.log?.error({ error, source }, 'an index could not be let go of'))
  }

  private async goBack(source: string, why: string): Promise<void> {
    const { log, takeBack } = this.home ?? {}
    try {
      await takeBack?.(source, why)
      log?.warn({ source, why }, 'a model was taken back, with its index')
    } catch (error) {
      log?.error({ error, source, why }, 'slates speak against a model, and it cannot be taken back')
    }
  }

  /** Tells what it is like now. */
  private look(source: string, life: IndexLife): void {
    const { home } = this
    if (home) this.signals?.look(source, life, this.lives.get(source)?.values() ?? [], () => this.shelfOf(source, home))
  }

  private tick(): void {
    for (const [source, life] of this.serving()) {
      try {
        this.look(source, life)
        life.tick()
        this.look(source, life)
      } catch (error) {
        this.home?.log?.error({ error, source }, 'cannot look after an index; it is tried again')
      }
    }
  }
}

const told = {
  built: 'built',
  swapped: 'swapped in',
  refused: 'refused',
  'rolled back': 'taken back into use',
  shadow: 'validated; it is asked beside the live one',
} as const
