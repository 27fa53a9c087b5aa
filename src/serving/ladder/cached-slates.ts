import type { Pick, QueryFacts, RankedFacts } from '../pipeline/index.ts'

/** Slates kept in all; the oldest fall out. About half a kilobyte each. */
const SLATES_MAX = 20_000
/** Rows of one: the slate and the best that were not on it, so that enough is left when some are filtered out. */
const ROWS = 60

interface Kept {
  /** Row of whom it was made for; -1 for a stranger. */
  readonly viewer: number
  readonly rows: Uint32Array
}

/** Candidates, best first. */
type Ranked = { readonly [K in 'count' | 'rows']: RankedFacts[K] }

/**
 * The latest whole slate per viewer or, whoever asked, per followed item or search text, by what the surface needs: rows, best first.
 * What is taken out must be filtered anew. Slates of a narrowed request (a rule, items left out, a later page) are not kept.
 */
export class CachedSlates {
  private readonly slates = new Map<string, Kept>()

  get size(): number {
    return this.slates.size
  }

  keep(query: QueryFacts, ranked: Ranked, picks: readonly Pick[]): void {
    const key = keyOf(query)
    if (key === undefined || isNarrow(query) || picks.length === 0) return
    const rows = new Uint32Array(Math.min(ROWS, ranked.count))
    const chosen = new Set<number>()
    let count = 0
    for (const { index } of picks) {
      if (count < rows.length) rows[count++] = ranked.rows[index]
      chosen.add(index)
    }
    for (let index = 0; count < rows.length; index++) if (!chosen.has(index)) rows[count++] = ranked.rows[index]
    this.slates.delete(key)
    this.slates.set(key, { viewer: query.viewer.row, rows })
    if (this.slates.size > SLATES_MAX) this.slates.delete(this.slates.keys().next().value as string)
  }

  has(query: QueryFacts): boolean {
    return this.find(query).length > 0
  }

  find(query: QueryFacts): ArrayLike<number> {
    const key = keyOf(query)
    return (key === undefined ? undefined : this.slates.get(key)?.rows) ?? []
  }

  /** The same where it was made for just this viewer, or for a stranger as this one is: another's order is not worth as much. */
  own(query: QueryFacts): ArrayLike<number> {
    const key = keyOf(query)
    const kept = key === undefined ? undefined : this.slates.get(key)
    return kept?.viewer === query.viewer.row ? kept.rows : []
  }

  /** Removes what was made for a user, by row, also after an item and to a search text; gives how many. */
  forget(user: number): number {
    const theirs = [...this.slates].filter(([, { viewer }]) => user >= 0 && viewer === user)
    for (const [key] of theirs) this.slates.delete(key)
    return theirs.length
  }
}

function keyOf({ surface, plan, viewer, item, text }: QueryFacts): string | undefined {
  if (plan.needs === 'item') return `${surface} item ${item}`
  if (plan.needs === 'query') return `${surface} query ${text.toLowerCase()}`
  return viewer.row < 0 ? undefined : `${surface} viewer ${viewer.row}`
}

const isNarrow = ({ rule, excluded, offset }: QueryFacts): boolean =>
  rule !== undefined || excluded.length > 0 || offset > 0
