import type { Static } from 'typebox'
import Type from 'typebox'
import Value from 'typebox/value'
import { SluiceError } from '../../foundation/base/index.ts'
import { Objective } from '../objective.ts'
import { parserOf } from '../parse.ts'
import { BudgetsConfig, defaultProfiles, Profile } from './budgets.ts'
import { EventsConfig } from './events.ts'
import { FeaturesConfig } from './features.ts'
import { LadderConfig } from './ladder.ts'
import { LearningConfig } from './learning.ts'
import { requireKeys, requireNames } from './names.ts'
import { RankingConfig } from './ranking.ts'
import { RetrievalConfig } from './retrieval.ts'
import { requireProfile } from './planned.ts'
import { SentencesConfig } from './sentences.ts'
import { ServerConfig } from './server.ts'
import { defaultSurfaces, PolicyConfig, SurfaceConfig, SurfacesConfig } from './surfaces.ts'

export { isLoopback, requireSafeHost } from './host.ts'
export { defaultProfiles, Profile, StageBudgets } from './budgets.ts'
export { planned, profileOf } from './planned.ts'
export { shedByWorth } from './shed.ts'
export { defaultSurfaces, SurfaceConfig } from './surfaces.ts'

export const Config = Type.Object(
  {
    objective: Objective,
    surfaces: SurfacesConfig,
    policy: PolicyConfig,
    budgets: BudgetsConfig,
    ladder: LadderConfig,
    events: EventsConfig,
    features: FeaturesConfig,
    retrieval: RetrievalConfig,
    ranking: RankingConfig,
    learning: LearningConfig,
    sentences: SentencesConfig,
    server: ServerConfig,
  },
  { default: {}, additionalProperties: false, description: 'Configuration of Sluice.' },
)
/** Complete: every option has its value. */
export type Config = Static<typeof Config>

type Partially<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: Partially<T[K]> | undefined }
    : T
/** As a user writes it: only what differs. */
export type ConfigInput = Partially<Config>

const parse = parserOf(Config)

/** Types a configuration file; checks nothing (that happens when it is used). */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config
}

/** A profile that is named like a built-in one starts from it, any other from the defaults. */
function completeProfiles(input: object): Record<string, unknown> {
  const profiles: Record<string, unknown> = { ...defaultProfiles }
  for (const [name, profile] of Object.entries(input))
    profiles[name] = { ...(defaultProfiles as Record<string, object>)[name], ...profile }
  for (const name of Object.keys(profiles)) profiles[name] = Value.Default(Profile, structuredClone(profiles[name]))
  return profiles
}

/**
 * Fills in the defaults and checks the whole. A surface or profile that is named like a built-in one starts from it;
 * giving `sources` replaces its list of sources.
 * @throws SluiceError ERR_CONFIG_INVALID with the place and the rule
 */
export function completeConfig(input: ConfigInput = {}): Config {
  const surfaces: Record<string, unknown> = { ...defaultSurfaces }
  for (const [name, surface] of Object.entries(input.surfaces ?? {})) {
    surfaces[name] = { ...(defaultSurfaces as Record<string, object>)[name], ...surface }
  }
  for (const name of Object.keys(surfaces))
    surfaces[name] = Value.Default(SurfaceConfig, structuredClone(surfaces[name]))
  const budgets = { ...input.budgets, profiles: completeProfiles(input.budgets?.profiles ?? {}) }
  const whole = Value.Default(Config, structuredClone({ ...input, surfaces, budgets }))
  requireKeys(whole)
  const parsed = parse(whole)
  if (!parsed.ok) throw new SluiceError('ERR_CONFIG_INVALID', [parsed.where, parsed.why])
  requireProfile(parsed.value)
  requireNames(parsed.value)
  return parsed.value
}
