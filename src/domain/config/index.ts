import type { Static } from 'typebox'
import Type from 'typebox'
import Value from 'typebox/value'
import { SluiceError } from '../../foundation/base/index.ts'
import { Objective } from '../objective.ts'
import { parserOf } from '../parse.ts'
import { EventsConfig } from './events.ts'
import { LearningConfig } from './learning.ts'
import { RankingConfig } from './ranking.ts'
import { RetrievalConfig } from './retrieval.ts'
import { ServerConfig } from './server.ts'
import { defaultSurfaces, PolicyConfig, SurfaceConfig, SurfacesConfig } from './surfaces.ts'

export { defaultSurfaces, SurfaceConfig } from './surfaces.ts'

export const Config = Type.Object(
  {
    objective: Objective,
    surfaces: SurfacesConfig,
    policy: PolicyConfig,
    events: EventsConfig,
    retrieval: RetrievalConfig,
    ranking: RankingConfig,
    learning: LearningConfig,
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

/**
 * Fills in the defaults and checks the whole. A surface that is named like a built-in one starts from it; giving
 * `sources` replaces its list of sources.
 * @throws SluiceError ERR_CONFIG_INVALID with the place and the rule
 */
export function completeConfig(input: ConfigInput = {}): Config {
  const surfaces: Record<string, unknown> = { ...defaultSurfaces }
  for (const [name, surface] of Object.entries(input.surfaces ?? {})) {
    surfaces[name] = { ...(defaultSurfaces as Record<string, object>)[name], ...surface }
  }
  for (const name of Object.keys(surfaces))
    surfaces[name] = Value.Default(SurfaceConfig, structuredClone(surfaces[name]))
  const whole = Value.Default(Config, structuredClone({ ...input, surfaces }))
  const parsed = parse(whole)
  if (!parsed.ok) throw new SluiceError('ERR_CONFIG_INVALID', [parsed.where, parsed.why])
  return parsed.value
}
