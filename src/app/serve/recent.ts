import type { Outcome, Query } from '../../serving/pipeline/index.ts'

/** Slates whose clicks can still be credited to their sources. */
const SLATES_MAX = 20_000

interface RecentSlate {
  readonly user: string | undefined
  readonly sources: readonly string[]
  readonly rows: Uint32Array
  readonly masks: Uint32Array
}

/** The latest slates with who proposed what, so that a click can be credited. The oldest fall out. */
export class RecentSlates {
  private readonly slates = new Map<string, RecentSlate>()

  add(query: Query, { ranked, picks }: Outcome): void {
    this.slates.set(query.id, {
      user: query.viewer.id,
      sources: ranked.sources,
      rows: Uint32Array.from(picks, (pick) => ranked.rows[pick.index]),
      masks: Uint32Array.from(picks, (pick) => ranked.mask[pick.index]),
    })
    if (this.slates.size > SLATES_MAX) this.slates.delete(this.slates.keys().next().value as string)
  }

  /** The sources that proposed an item of a slate; undefined when the slate is not known or did not hold it. */
  proposers(slate: string, row: number): { mask: number; sources: readonly string[] } | undefined {
    const found = this.slates.get(slate)
    const place = found?.rows.indexOf(row) ?? -1
    return found && place >= 0 ? { mask: found.masks[place] as number, sources: found.sources } : undefined
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
