import { join } from 'node:path'
import { type Clock, Random } from '../../foundation/base/index.ts'
import type { Log } from '../../foundation/telemetry/index.ts'
import type { IndexHome, OpenedIndex } from '../../serving/inference/index.ts'
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
  type VectorKeys,
} from '../../serving/vectors/index.ts'

/** How often the indexes look at what is due: a rollback by the command line takes effect within this time. */
const TICK_MS = 500

interface Home {
  readonly folder: string
  readonly log: Log | undefined
}

/** By source: over which version of embeddings, and the name of the index. */
export type LentIndexes = Readonly<
  Record<string, { readonly version: string; readonly generation: string; readonly index: LentIndex }>
>

/** The indexes of all sources that search vectors, kept in the data folder from version to version. */
export class IndexLives {
  private readonly lives = new Map<string, IndexLife>()
  private readonly watches = new Map<string, SwapWatch>()
  private readonly clock: Clock
  private home: Home | undefined
  private timer: NodeJS.Timeout | undefined

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** Where they are kept. Without, sources search exactly. */
  attach(folder: string, log: Log | undefined): void {
    this.home = { folder, log }
    this.timer = setInterval(() => this.tick(), TICK_MS)
    this.timer.unref()
  }

  /** For a source to have its indexes from. */
  homeOf(source: string): IndexHome {
    return {
      open: (version, exact, keys) => {
        const ground = this.groundOf(source, keys)
        if (!ground) return { index: exact(), settled: () => Promise.resolve() }
        return this.watched(source, openLife(ground, version, exact))
      },
      kept: (version, living, keys) => {
        const ground = this.groundOf(source, keys)
        const life = ground && openKept(ground, version, living)
        return life && this.watched(source, life).index
      },
      failed: (error) => this.home?.log?.error({ error, source }, 'vectors cannot be made; it is tried again'),
    }
  }

  /** What each source's slates say of its index. */
  observe({ ranked, picks }: Pick<OutcomeFacts, 'ranked' | 'picks'>): void {
    for (const [source, life] of this.lives) {
      const place = ranked.sources.indexOf(source)
      if (place < 0) continue
      let contributed = 0
      for (const { index } of picks) if (ranked.mask[index] & (1 << place)) contributed++
      life.observe({ shown: picks.length, contributed, scores: picks.map(({ index }) => ranked.scores[index]) })
    }
  }

  /** Names of what serves, by source. */
  versions(): Record<string, string> {
    return Object.fromEntries([...this.lives].map(([source, life]) => [source, life.name]))
  }

  /** What serves, by source, for other threads to search. */
  lent(): LentIndexes {
    return Object.fromEntries(
      [...this.lives].map(([source, life]) => [
        source,
        { version: life.version, generation: life.name, index: life.lent },
      ]),
    )
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    this.home = undefined
    await Promise.all([...this.lives.values()].map((life) => life.stop()))
    this.lives.clear()
  }

  private watched(source: string, life: IndexLife): OpenedIndex {
    this.lives.set(source, life)
    return { index: life, settled: () => life.ready() }
  }

  /** Undefined where nothing is kept. */
  private groundOf(source: string, keys: VectorKeys | undefined): LifeGround | undefined {
    if (!this.home) return undefined
    const { clock } = this
    const { folder, log } = this.home
    const watch = this.watches.get(source) ?? new SwapWatch(lifeLimits)
    this.watches.set(source, watch)
    return {
      ...{ shelf: new Shelf(join(folder, source), clock), clock, watch, limits: lifeLimits },
      ...{ build: buildInBackground, random: new Random(`shadow ${source}`) },
      ...(keys && { keys }),
      tell: ({ what, name, why }) => log?.info({ source, index: name, why }, `an index was ${told[what]}`),
    }
  }

  private tick(): void {
    for (const [source, life] of this.lives) {
      try {
        life.tick()
      } catch (error) {
        this.home?.log?.error({ error, source }, 'cannot look after an index; it is tried again')
      }
    }
  }
}

const told = {
  swapped: 'swapped in',
  refused: 'refused',
  'rolled back': 'taken back into use',
  shadow: 'validated; it is asked beside the live one',
} as const
