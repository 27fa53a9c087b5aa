import { type Config, completeConfig, type ConfigInput } from '../../../domain/index.ts'

const stages = { retrievalMs: 9000, coarseMs: 9000, featuresMs: 9000, fineMs: 9000, rerankMs: 9000, marginMs: 0 }

/** A configuration without hurry: what a slate is like depends on no neighbour on the machine. */
export const calm = (
  ranking: NonNullable<ConfigInput['ranking']>,
  rank = 200,
  ladder: ConfigInput['ladder'] = {},
): Config =>
  completeConfig({
    ranking: { coarse: 'bootstrap', degraded: 'bootstrap', ...ranking },
    learning: { gates: { latencyMsMax: 1000 } },
    ladder: { waitTargetMs: 10_000, ...ladder },
    surfaces: { home: { budgetMs: 60_000, rank } },
    budgets: { profile: 'calm', profiles: { calm: { budgetMs: 60_000, ...stages } } },
  })
