import type { Static } from 'typebox'
import type { BudgetsConfig } from './budgets.ts'
import { profileOf } from './planned.ts'
import type { SurfaceConfig } from './surfaces.ts'

interface Shedding {
  readonly budgets: Static<typeof BudgetsConfig>
  readonly surfaces: Record<string, SurfaceConfig>
}

/**
 * The configuration whose profile in use sheds, instead of the sources it lists, as many of those that were worth least:
 * those with the least clicks of their own per millisecond, ties by name. `worths`: of the sources that are known well enough;
 * none of `never` is shed. The list stands when the profile says so, or when fewer than half of the other sources are
 * known, or nothing was clicked: then nobody knows better.
 */
export function shedByWorth<C extends Shedding>(
  config: C,
  worths: Readonly<Record<string, number>>,
  never: readonly string[],
): C {
  const { profile: name, profiles } = config.budgets
  const profile = profileOf(config)
  if (profile.shedBy === 'list' || profile.shed.length === 0) return config
  const used = new Set(Object.values(config.surfaces).flatMap(({ sources }) => Object.keys(sources)))
  const open = [...used].filter((source) => !never.includes(source))
  const known = open.filter((source) => Object.hasOwn(worths, source))
  const worth = (source: string) => worths[source] as number
  if (2 * known.length < open.length || known.every((source) => worth(source) === 0)) return config
  const poorest = known.sort((a, b) => worth(a) - worth(b) || (a < b ? -1 : 1)).slice(0, profile.shed.length)
  return {
    ...config,
    budgets: { profile: name, profiles: { ...profiles, [name]: { ...profile, shed: poorest.sort() } } },
  }
}
