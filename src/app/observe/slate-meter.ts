import type { Metrics } from '../../foundation/telemetry/index.ts'
import type { OutcomeFacts, QueryFacts } from '../../serving/pipeline/index.ts'

/** Tells the metrics of one slate: stages, sources, what each source put on it, removals. */
export function meterSlate(metrics: Metrics, query: QueryFacts, outcome: OutcomeFacts): void {
  const { stages, sources, removals, ranked, picks, kept } = outcome
  if (kept !== undefined) metrics.scoreCache(kept ? 'hit' : 'miss')
  for (const stage of stages) metrics.stage(query.surface, stage)
  for (const { name, ms, count, status } of sources) metrics.source(name, ms / 1000, count, status)
  for (const reason in removals) metrics.removal(reason, removals[reason as keyof typeof removals] ?? 0)
  for (let s = 0; s < ranked.sources.length; s++) {
    let served = 0
    let alone = 0
    for (const { index } of picks) {
      const mask = ranked.mask[index]
      if ((mask & (1 << s)) === 0) continue
      served++
      if ((mask & (mask - 1)) === 0) alone++
    }
    if (served > 0) metrics.sourceServed(ranked.sources[s] as string, served, alone)
  }
}
