import type { Cost, Lever } from '../../planning/index.ts'

/** Ranked candidates below which slates get worse quickly: the published 50 ms regime still ranks so many. */
const RANKED_LEAST = 120
/** Half the retrieved candidates still hold nearly all that the fine rank would have kept. */
const RETRIEVED_SHARE_LEAST = 0.5
/** Share of the time of the sources that can go by shedding those that bring least per millisecond. */
const SOURCES_SHARE_LEAST = 0.6
/** Cost of a slate of the degraded path over a full one, where it was not measured: it ranks nothing. */
const DEGRADED_COST_SHARE = 0.1

/** Stages whose cost grows with the candidates that are ranked, and with those that were retrieved. */
const RANKED_STAGES = ['features', 'fine', 'rerank']
const RETRIEVED_STAGES = ['filter', 'coarse']

/** What can be cut, in the order in which it should be. Without a measured cost all of it is the ranking's. */
export function leversOf(cost: Cost | undefined, candidates = 200) {
  const share = (stages: readonly string[]) =>
    cost ? stages.reduce((sum, stage) => sum + (cost.stages[stage] ?? 0), 0) / cost.cpuMs : 0
  const ranked = Math.round(cost?.candidates['coarse'] || candidates)
  const retrieved = Math.round(cost?.candidates['filter'] || 1000)
  const levers: Lever[] = [
    {
      name: 'candidates to the fine rank (surfaces.*.rank)',
      costShare: cost ? share(RANKED_STAGES) : 1,
      now: ranked,
      least: Math.min(RANKED_LEAST, ranked),
      unit: 'candidates',
    },
    {
      name: 'candidates after retrieval (surfaces.*.retrieve)',
      costShare: share(RETRIEVED_STAGES),
      now: retrieved,
      least: Math.round(retrieved * RETRIEVED_SHARE_LEAST),
      unit: 'candidates',
    },
    {
      name: 'time of the sources: drop those that `sluice portfolio` says do not earn it',
      costShare: share(['retrieve']),
      now: 100,
      least: 100 * SOURCES_SHARE_LEAST,
      unit: '%',
    },
  ]
  const measured = cost ? 1 - share([...RANKED_STAGES, ...RETRIEVED_STAGES, 'retrieve']) : DEGRADED_COST_SHARE
  return { levers, degraded: { loadShare: 1, costShare: Math.max(DEGRADED_COST_SHARE, measured) } }
}

/** Share of a slate's cost that grows with the candidates that are ranked. */
export function candidateShareOf(cost: Cost): number {
  const ranked = RANKED_STAGES.reduce((sum, stage) => sum + (cost.stages[stage] ?? 0), 0)
  return Math.min(1, ranked / cost.cpuMs)
}
