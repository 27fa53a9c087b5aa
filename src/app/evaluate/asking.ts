import { Deadline, SluiceError, systemClock } from '../../foundation/base/index.ts'
import { completeConfig, type Config, profileOf } from '../../domain/index.ts'
import type { Query } from '../../serving/pipeline/index.ts'
import type { Parts } from '../parts.ts'
import { hydrate } from '../serve/hydrate.ts'
import { DEPTH } from './rankings.ts'

/** Time for one slate while judging: quality is asked for here, not speed. */
const UNHURRIED_MS = 60_000
const STAGE_MS = UNHURRIED_MS / 6
const UNHURRIED = {
  budgetMs: UNHURRIED_MS,
  retrievalMs: STAGE_MS,
  coarseMs: STAGE_MS,
  featuresMs: STAGE_MS,
  fineMs: STAGE_MS,
  rerankMs: STAGE_MS,
  marginMs: 0,
}

/** The surface without lots, pins and page limits; seen items always removed. */
export function greedy(config: Config, surface: string): Config {
  const plan = config.surfaces[surface]
  if (!plan) throw new SluiceError('ERR_SURFACE_UNKNOWN', [surface, Object.keys(config.surfaces).join(', ')])
  const patient = { budgetMs: UNHURRIED_MS, rank: Math.max(plan.rank, DEPTH * 2) }
  const still = { explorationSlots: [], pinSlots: [], seen: 'remove' as const, needs: 'nothing' as const }
  const surfaces = { ...config.surfaces, [surface]: { ...plan, ...patient, ...still } }
  const profile = { ...profileOf(config), ...UNHURRIED, rank: Math.max(profileOf(config).rank, patient.rank) }
  return completeConfig({ ...config, surfaces, budgets: { profile: 'unhurried', profiles: { unhurried: profile } } })
}

/** What a judged user asks for at a moment. */
export function ask(parts: Parts, surface: string, user: string, at: number): Query {
  const query = hydrate(parts, { surface, user, limit: DEPTH, at, seed: user }, 0)
  return { ...query, deadline: new Deadline(systemClock, UNHURRIED_MS) }
}
