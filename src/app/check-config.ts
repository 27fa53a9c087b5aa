import { type Config, type SettableModel, trainable } from '../domain/index.ts'
import { knownNames, meant, SluiceError } from '../foundation/base/index.ts'
import { checkSettings } from '../learning/training/index.ts'
import { SEQUENCE, TWO_TOWER } from '../serving/inference/index.ts'
import { BOOTSTRAP } from './parts.ts'

/**
 * Settings of models are what a training takes: looked at before hours of it depend on them.
 * @throws SluiceError ERR_CONFIG_INVALID with the model, the setting and the known ones
 */
export function requireSettings({ learning }: Pick<Config, 'learning'>): void {
  for (const [model, settings] of Object.entries(learning.settings)) {
    try {
      checkSettings(model as SettableModel, settings) // `completeConfig` has seen to the names of models
    } catch (cause) {
      if (!(cause instanceof SluiceError)) throw cause
      throw new SluiceError('ERR_CONFIG_INVALID', [`/learning/settings/${model}`, `is wrong: ${cause.message}`], {
        cause,
      })
    }
  }
}

const PLACES = ['coarse', 'fine', 'degraded'] as const
/** Models that find items: they score none of those that others found. */
const FINDERS: readonly string[] = [TWO_TOWER, SEQUENCE]
const RANKERS: readonly string[] = [...trainable.filter((name) => !FINDERS.includes(name)), BOOTSTRAP]

/**
 * Places in ranking are for rankers, and a name that is nearly one of them is a slip: of a server that starts, its viewers
 * alone would tell. `added`: models the registry has, whatever their names are like.
 * @throws SluiceError ERR_CONFIG_INVALID with the place and the known names
 */
export function requireRankers({ ranking }: Pick<Config, 'ranking'>, added: readonly string[]): void {
  for (const place of PLACES) {
    const name = ranking[place]
    if (FINDERS.includes(name)) {
      const why = `names a retrieval model: "${name}" finds items and ranks none; ${knownNames(name, RANKERS)}`
      throw new SluiceError('ERR_CONFIG_INVALID', [`/ranking/${place}`, why])
    }
    if (RANKERS.includes(name) || added.includes(name) || meant(name, RANKERS) === undefined) continue
    throw new SluiceError('ERR_CONFIG_INVALID', [
      `/ranking/${place}`,
      `names a model that is not there: "${name}"; ${knownNames(name, RANKERS)}. If it is one of your own, add it before the start: sluice models add`,
    ])
  }
}

/**
 * Places in ranking that name a model nobody trains here, each as a sentence. Such a model may be one of your own that is
 * yet to be added, so it is no fault; until then the place is empty. `added`: models the registry has.
 */
export function strangeModels({ ranking }: Pick<Config, 'ranking'>, added: readonly string[] = []): string[] {
  const known = [...new Set([...RANKERS, ...added.filter((name) => !FINDERS.includes(name))])]
  return PLACES.filter((place) => !known.includes(ranking[place])).map((place) => {
    const name = ranking[place]
    const until =
      meant(name, RANKERS) === undefined
        ? 'The rules set by hand take its place'
        : 'A server with that folder does not start'
    return `ranking.${place} names a model that is not there: "${name}"; ${knownNames(name, known)}. ${until} until it is added: sluice models add`
  })
}
