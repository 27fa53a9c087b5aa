import type { Config, SurfaceConfig } from '../../domain/index.ts'
import { manualClock } from '../../foundation/base/index.ts'
import { judge, ndcg } from '../../judging/metrics/index.ts'
import type { Query } from '../../serving/pipeline/index.ts'
import type { Entry } from '../../stream/events/index.ts'
import { createParts } from '../parts.ts'
import { split } from './protocols.ts'
import type { Balance } from './report.ts'

/** The list that speaks for everybody, against those that speak for the viewer. */
const SHARED = 'popular'
/** Multiples of its weight that are tried. */
const TRIED = [0.5, 1, 1.5, 2, 3, 4.5] as const
const K = 10

export interface BalanceTask {
  readonly config: Config
  readonly surface: string
  /** What may be known, in order; read more than once. */
  readonly entries: () => Iterable<Entry>
  readonly knownShare: number
  /** At most so many users are asked for, in the order of their ids. */
  readonly usersMax: number
  readonly kinds: Parameters<typeof split>[1]
  readonly ask: (parts: ReturnType<typeof createParts>, user: string, at: number) => Query
}

/**
 * How much what everybody likes of late should weigh against what a viewer's own history says: it depends on how fast a
 * catalogue turns over. Splits what is known once more by time, and takes the weight of `popular` with the best NDCG@10
 * in the later part. No more is fitted: a few hundred users bear one parameter, not ten. Nothing when nobody can be judged.
 */
export async function balanceOf(task: BalanceTask): Promise<Balance | undefined> {
  const { config, surface, entries, knownShare, kinds, ask, usersMax } = task
  const plan = config.surfaces[surface]
  const configured = plan?.sources[SHARED]?.weight ?? 0
  const parted = split(entries(), kinds, 'time-split', knownShare)
  if (!plan || configured === 0 || parted.wanted.size === 0) return undefined
  const parts = createParts(config, manualClock(parted.at))
  for (const entry of entries()) if (parted.knows(entry)) parts.state.apply(entry)
  parts.build()
  const plans = TRIED.map((times) => balanced(plan, times * configured))
  const scores: number[][] = TRIED.map(() => [])
  for (const [user, items] of [...parted.wanted].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, usersMax)) {
    const wanted = new Set([...items].map((id) => parts.state.items.ids.find(id)))
    const query = ask(parts, user, parted.at)
    for (const [t, tried] of plans.entries()) {
      const { ranked, picks } = await parts.pipeline.run({ ...query, plan: tried })
      scores[t].push(
        ndcg.at(
          judge(
            picks.map(({ index }) => ranked.rows[index]),
            wanted,
          ),
          K,
        ) ?? 0,
      )
    }
  }
  const means = scores.map(mean)
  let chosen = TRIED.indexOf(1) // stays where nothing is better
  for (const [t, ndcg] of means.entries()) if (ndcg > means[chosen]) chosen = t
  return {
    weight: TRIED[chosen] * configured,
    configured,
    users: scores[0].length,
    tried: TRIED.map((times, t) => ({ weight: times * configured, ndcg: means[t] })),
  }
}

/** A surface's plan with another weight for what everybody likes. */
export function balanced(plan: SurfaceConfig, weight: number): SurfaceConfig {
  const { limit = 0 } = plan.sources[SHARED] ?? {}
  return { ...plan, sources: { ...plan.sources, [SHARED]: { ...plan.sources[SHARED], limit, weight } } }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
