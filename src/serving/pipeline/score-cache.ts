import type { Clock } from '../../foundation/base/index.ts'
import type { Candidates } from './candidates.ts'
import type { Scorer } from './contracts.ts'
import type { SourceReport } from './outcome.ts'
import type { Query } from './query.ts'

export interface ScoreCacheOptions {
  /** Most sets kept; the oldest fall out. 0: none. */
  readonly entries: number
  /** Scores older than this are not used: features move on by themselves. */
  readonly ageMs: number
  /** Names of everything that retrieves or scores: another one, and nothing kept before is used. */
  readonly versions: () => string
}

/** What one request came to before the rerank. */
export interface Scored {
  /** Best first. */
  readonly set: Candidates
  readonly ranker: Scorer
  readonly sources: readonly SourceReport[]
}

export interface KeptScores extends Scored {
  /** Milliseconds since they were made. */
  readonly ageMs: number
}

/**
 * Scored candidates of requests that anybody may have made: a head query or a first page, by a stranger. Kept by all
 * that the scores depend on, for so short that its age does not matter. Only scores are kept: filters look at every
 * candidate as it is now, and the rerank draws its lots for each request, so propensities stay true. Who has a history
 * is never served from here; so the next event of a viewer counts at once.
 */
export class ScoreCache {
  private readonly options: ScoreCacheOptions
  private readonly clock: Clock
  private readonly kept = new Map<string, Scored & { readonly at: number }>()

  constructor(options: ScoreCacheOptions, clock: Clock) {
    this.options = options
    this.clock = clock
  }

  get size(): number {
    return this.kept.size
  }

  /** Under what the scores of a request are kept; undefined for one whose scores are its own. Ask before it is scored. */
  keyOf({ shared, surface, item, text, device, viewer }: Query): string | undefined {
    if (!shared || this.options.entries === 0) return undefined
    const { from, language, age, creator } = viewer
    const asked = [surface, item, text.toLowerCase(), device, from, language, age, creator]
    return JSON.stringify([...asked, this.options.versions()])
  }

  find(key: string): KeptScores | undefined {
    const found = this.kept.get(key)
    if (!found) return undefined
    const ageMs = this.clock.ticks() - found.at
    if (ageMs < this.options.ageMs) return { ...found, ageMs }
    this.kept.delete(key)
    return undefined
  }

  /** `from`: the moment in ticks when they began to be made. */
  keep(key: string, scored: Scored, from: number): void {
    this.kept.delete(key)
    this.kept.set(key, { ...scored, at: from })
    if (this.kept.size > this.options.entries) this.kept.delete(this.kept.keys().next().value as string)
  }
}
