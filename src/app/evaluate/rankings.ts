import { Random, TopK } from '../../foundation/base/index.ts'
import type { Parts } from '../parts.ts'
import { balanced } from './balance.ts'
import { checkOf, type Query } from '../../serving/pipeline/index.ts'

/** Lists are judged down to here. */
export const DEPTH = 100
/** What a source is asked for, so that removing seen items leaves DEPTH. */
const SOURCE_DEPTH = 1000

export interface Ranking {
  readonly name: string
  readonly kind: 'source' | 'spine' | 'baseline'
  /** Item rows for a query, best first, seen items removed, at most DEPTH. */
  rank(query: Query): Promise<Iterable<number>>
}

/** Everything that is judged: each source alone, the whole spine, popularity and a random order. */
export function rankings(parts: Parts, surface: string, seed: string): Ranking[] {
  const plan = parts.config.surfaces[surface]
  const untrained: readonly string[] = parts.retrievers
    .filter(({ version }) => version === undefined)
    .map(({ name }) => name)
  const names = Object.keys(plan?.sources ?? {}).filter(
    (name) => name !== 'pins' && parts.sources[name] && !untrained.includes(name),
  )
  const passing = (query: Query, rows: Iterable<number>): number[] => {
    const check = checkOf(parts.filters, query)
    const kept: number[] = []
    for (const row of rows) {
      if (kept.length === DEPTH) break
      if (check(row) === 0) kept.push(row)
    }
    return kept
  }
  const sources = names.map(
    (name): Ranking => ({
      name,
      kind: 'source',
      rank: async (query) => {
        const source = parts.sources[name]
        const { rows } = source ? await source.retrieve(query, SOURCE_DEPTH, query.deadline) : { rows: [] }
        return passing(query, Array.from(rows))
      },
    }),
  )
  return [wholeSpine(parts, 'spine'), ...sources, popularity(parts, passing), randomOrder(parts, seed, passing)]
}

/** Slates as they are served, by the rankers that are in use while it ranks. */
export function wholeSpine({ pipeline }: Parts, name: string): Ranking {
  return {
    name,
    kind: 'spine',
    rank: async (query) => {
      const { ranked, picks } = await pipeline.run(query)
      return picks.map((pick) => ranked.rows[pick.index])
    },
  }
}

/** The spine with another weight for what everybody likes of late. */
export function balancedSpine({ pipeline }: Parts, weight: number): Ranking {
  return {
    name: 'spine-balanced',
    kind: 'spine',
    rank: async (query) => {
      const { ranked, picks } = await pipeline.run({ ...query, plan: balanced(query.plan, weight) })
      return picks.map((pick) => ranked.rows[pick.index])
    },
  }
}

type Passing = (query: Query, rows: Iterable<number>) => number[]

/** Items by the number of users who consumed them, all time, ties by row. */
function popularity(parts: Parts, passing: Passing): Ranking {
  const counts = consumers(parts)
  const top = new TopK(counts.length)
  counts.forEach((count, row) => {
    top.offer(row, count)
  })
  const { rows } = top.take()
  return { name: 'popularity', kind: 'baseline', rank: async (query) => passing(query, rows) }
}

function randomOrder(parts: Parts, seed: string, passing: Passing): Ranking {
  return {
    name: 'random',
    kind: 'baseline',
    rank: async (query) => {
      const rows = Uint32Array.from({ length: parts.state.items.size }, (_, i) => i)
      return passing(query, new Random(`${seed}:${query.viewer.row}`).shuffle(rows))
    },
  }
}

/** Users who consumed each item, by item row. */
export function consumers(parts: Parts): Uint32Array {
  const counts = new Uint32Array(parts.state.items.size)
  for (let user = 0; user < parts.state.users.size; user++) {
    for (const row of parts.features.histories.consumed.view(user)) counts[row]++
  }
  return counts
}
