import { SluiceError } from '../../foundation/base/index.ts'
import type { Static } from 'typebox'
import type { BudgetsConfig, Profile } from './budgets.ts'
import type { SurfaceConfig } from './surfaces.ts'

/** What of the configuration the budgets concern. */
interface Budgeted {
  readonly budgets: Static<typeof BudgetsConfig>
  readonly surfaces: Record<string, SurfaceConfig>
}

/** The latency profile in use. */
export function profileOf({ budgets }: Pick<Budgeted, 'budgets'>): Profile {
  return budgets.profiles[budgets.profile] as Profile // `completeConfig` has seen that it is there
}

/**
 * The configuration with its profile put into effect on every surface: the tighter budget and candidate counts of the
 * two, and the sources that the profile sheds left out where others remain.
 */
export function planned<C extends Budgeted>(config: C): C {
  const profile = profileOf(config)
  const surfaces = Object.fromEntries(
    Object.entries(config.surfaces).map(([name, surface]) => {
      const kept = Object.entries(surface.sources).filter(([source]) => !profile.shed.includes(source))
      return [
        name,
        {
          ...surface,
          budgetMs: Math.min(surface.budgetMs, profile.budgetMs),
          retrieve: Math.min(surface.retrieve, profile.retrieve),
          rank: Math.min(surface.rank, profile.rank),
          sources: kept.length > 0 ? Object.fromEntries(kept) : surface.sources,
        },
      ]
    }),
  )
  return { ...config, surfaces }
}

/** @throws SluiceError ERR_CONFIG_INVALID when the profile in use is not there, or its stages do not fit its budget */
export function requireProfile({ budgets }: Pick<Budgeted, 'budgets'>): void {
  if (!Object.hasOwn(budgets.profiles, budgets.profile)) {
    const known = Object.keys(budgets.profiles).join(', ')
    throw new SluiceError('ERR_CONFIG_INVALID', [
      '/budgets/profile',
      `names no profile: "${budgets.profile}" (known: ${known})`,
    ])
  }
  for (const [name, profile] of Object.entries(budgets.profiles)) {
    const { retrievalMs, coarseMs, featuresMs, fineMs, rerankMs, marginMs } = profile
    const sum = retrievalMs + coarseMs + featuresMs + fineMs + rerankMs + marginMs
    if (sum <= profile.budgetMs) continue
    throw new SluiceError('ERR_CONFIG_INVALID', [
      `/budgets/profiles/${name}`,
      `gives its stages and margin ${sum} ms of a budget of ${profile.budgetMs} ms: take some away`,
    ])
  }
}
