import { join } from 'node:path'
import { type Clock, Random } from '../../foundation/base/index.ts'
import type { Log } from '../../foundation/telemetry/index.ts'
import type { OpenIndex } from '../../serving/inference/index.ts'
import type { Outcome } from '../../serving/pipeline/index.ts'
import {
  buildInBackground,
  type ExactIndex,
  type IndexLife,
  lifeLimits,
  openLife,
  Shelf,
  SwapWatch,
  type VectorIndex,
} from '../../serving/vectors/index.ts'

/** How often the indexes look at what is due: a rollback by the command line takes effect within this time. */
const TICK_MS = 500

/** The indexes of all sources that search vectors, kept in the data folder from version to version. */
export class IndexLives {
  private readonly lives = new Map<string, IndexLife>()
  private readonly watches = new Map<string, SwapWatch>()
  private readonly clock: Clock
  private home: { readonly folder: string; readonly log: Log | undefined } | undefined
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

  /**
   * The index of a source over a version of its embeddings. `ready`: one of the version before serves meanwhile, so that
   * a large one is built and validated first.
   */
  private async open(source: string, version: string, exact: () => ExactIndex, ready: boolean): Promise<VectorIndex> {
    const { home, clock } = this
    if (!home) return exact()
    const watch = this.watches.get(source) ?? new SwapWatch(lifeLimits)
    this.watches.set(source, watch)
    const life = openLife(
      {
        ...{ shelf: new Shelf(join(home.folder, source), clock), clock, watch, limits: lifeLimits },
        ...{ build: buildInBackground, random: new Random(`shadow ${source}`) },
        tell: ({ what, name, why }) => home.log?.info({ source, index: name, why }, `an index was ${told[what]}`),
      },
      version,
      exact,
    )
    if (ready) await life.ready()
    this.lives.set(source, life)
    return life
  }

  /** For a source to open its index with. */
  opener(source: string): OpenIndex {
    return (version, exact, ready) => this.open(source, version, exact, ready)
  }

  /** What each source's slates say of its index. */
  observe({ ranked, picks }: Outcome): void {
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

  async stop(): Promise<void> {
    clearInterval(this.timer)
    this.home = undefined
    await Promise.all([...this.lives.values()].map((life) => life.stop()))
    this.lives.clear()
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
