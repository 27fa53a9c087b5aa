import type { OutcomeFacts, QueryFacts } from '../../serving/pipeline/index.ts'
import { Predictions } from '../../serving/watch/index.ts'

/** Slates whose clicks can still be credited to their sources. */
const SLATES_MAX = 20_000

interface RecentSlate {
  readonly user: string | undefined
  readonly surface: string
  readonly sources: readonly string[]
  readonly rows: Uint32Array
  readonly masks: Uint32Array
  readonly predictions: Predictions
}

/** A place on one of the latest slates. */
export interface RecentPlace {
  readonly surface: string
  readonly place: number
  /** Who proposed the item: bits over `sources`. */
  readonly mask: number
  readonly sources: readonly string[]
  readonly predictions: Predictions
}

/** The latest slates with who proposed what and which clicks were predicted, so that outcomes can be credited. The oldest fall out. */
export class RecentSlates {
  private readonly slates = new Map<string, RecentSlate>()

  /** `clicks`: the predicted probability per place; NaN where none was made. */
  add(query: QueryFacts, { ranked, picks }: OutcomeFacts, clicks: Float32Array): void {
    this.slates.set(query.id, {
      user: query.viewer.id,
      surface: query.surface,
      sources: ranked.sources,
      rows: Uint32Array.from(picks, (pick) => ranked.rows[pick.index]),
      masks: Uint32Array.from(picks, (pick) => ranked.mask[pick.index]),
      predictions: new Predictions(clicks),
    })
    if (this.slates.size > SLATES_MAX) this.slates.delete(this.slates.keys().next().value as string)
  }

  /** Where an item stood on a slate; undefined when the slate is not known or did not hold it. */
  find(slate: string, row: number): RecentPlace | undefined {
    const found = this.slates.get(slate)
    const place = found?.rows.indexOf(row) ?? -1
    if (!found || place < 0) return undefined
    const { surface, sources, predictions } = found
    return { surface, place, mask: found.masks[place] as number, sources, predictions }
  }

  /** Removes the slates of a user; gives how many. */
  forget(user: string): number {
    let count = 0
    for (const [id, slate] of this.slates) {
      if (slate.user !== user) continue
      this.slates.delete(id)
      count++
    }
    return count
  }
}
