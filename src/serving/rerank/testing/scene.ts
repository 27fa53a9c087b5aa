import { Random } from '../../../foundation/base/index.ts'
import { completeConfig, type SurfaceConfig } from '../../../domain/index.ts'
import { Candidates, type ItemFacts } from '../../pipeline/index.ts'
import { testQuery } from '../../pipeline/testing/query.ts'

/** An item of a small made catalogue; its row is its place. */
export interface Thing {
  readonly score: number
  readonly creator?: number
  readonly categories?: readonly number[]
  readonly fresh?: boolean
  readonly barred?: boolean
  /** Rank in the list of pins, from 1. */
  readonly pin?: number
  /** Content, for similarity: cosine of non-negative vectors. */
  readonly content?: readonly number[]
}

export const plain: SurfaceConfig = {
  ...(completeConfig().surfaces['home'] as SurfaceConfig),
  diversity: 'none',
  creatorCap: 10,
  categoryCap: 10,
  explorationSlots: [],
  pinSlots: [],
}

/** Facts, ranked candidates and query for some things. */
export function scene(
  things: readonly Thing[],
  plan: Partial<SurfaceConfig> = {},
  more: { seed?: string; offset?: number; random?: Random } = {},
) {
  const order = things.map((_, row) => row).sort((a, b) => things[b]!.score - things[a]!.score || a - b)
  const ranked = new Candidates(['pins'], things.length)
  order.forEach((row, i) => {
    ranked.rows[i] = row
    ranked.scores[i] = things[row]!.score
    ranked.sourceRanks[i] = things[row]!.pin ?? 0
  })
  const similarity = (a: number, b: number) => cosine(things[a]!.content ?? [1], things[b]!.content ?? [1])
  const facts: ItemFacts = {
    creatorOf: (row) => things[row]!.creator ?? -1,
    categoriesOf: (row) => things[row]!.categories ?? [],
    similarity,
    similarities: (row, others, out) => {
      others.forEach((other, i) => {
        out[i] = similarity(row, other)
      })
    },
    fresh: (row) => things[row]!.fresh === true,
  }
  const random = (purpose: string) => more.random ?? new Random(`${more.seed ?? ''} ${purpose}`)
  const query = testQuery({ at: 1_000, limit: 20, offset: more.offset ?? 0, random }, { ...plain, ...plan })
  const policy = (row: number) => (things[row]!.barred ? 1 : 0)
  return { ranked, facts, query, policy }
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = a.reduce((sum, x, d) => sum + x * (b[d] ?? 0), 0)
  const norm = Math.hypot(...a) * Math.hypot(...b)
  return norm === 0 ? 0 : Math.min(1, dot / norm)
}
