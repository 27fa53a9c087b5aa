import type { Static, TSchema } from 'typebox'
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
import { requireKeys, requireNamed, requireNames } from './names.ts'
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

/** What is named like a built-in one starts from it, any other from the defaults. */
function completed(builtIn: object, input: object, schema: TSchema): Record<string, unknown> {
  const from = new Map<string, object>(Object.entries(builtIn))
  const named = Object.entries<object>({ ...builtIn, ...input })
  return Object.fromEntries(
    named.map(([name, one]) => [name, Value.Default(schema, structuredClone({ ...from.get(name), ...one }))]),
  )
}

/**
 * Fills in the defaults and checks the whole. A surface or profile that is named like a built-in one starts from it;
 * giving `sources` replaces its list of sources.
 * @throws SluiceError ERR_CONFIG_INVALID with the place and the rule
 */
export function completeConfig(input: ConfigInput = {}): Config {
  requireNamed(input)
  const surfaces = completed(defaultSurfaces, input.surfaces ?? {}, SurfaceConfig)
  const budgets = { ...input.budgets, profiles: completed(defaultProfiles, input.budgets?.profiles ?? {}, Profile) }
  const whole = Value.Default(Config, structuredClone({ ...input, surfaces, budgets }))
  requireKeys(whole)
  const parsed = parse(whole)
  if (!parsed.ok) throw new SluiceError('ERR_CONFIG_INVALID', [parsed.where, parsed.why])
  requireProfile(parsed.value)
  requireNames(parsed.value)
  return parsed.value
}
