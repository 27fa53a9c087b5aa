import { type Config, type SettableModel, trainable } from '../domain/index.ts'
import { knownNames, SluiceError } from '../foundation/base/index.ts'
import { checkSettings } from '../learning/training/index.ts'
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

/**
 * Places in ranking that name a model nobody trains here, each as a sentence. Such a model may be one of your own that is
 * yet to be added, so it is no fault; until then the place is empty. `added`: models the registry has.
 */
export function strangeModels({ ranking }: Pick<Config, 'ranking'>, added: readonly string[] = []): string[] {
  const known = [...new Set([...trainable, BOOTSTRAP, ...added])]
  return (['coarse', 'fine', 'degraded'] as const)
    .filter((place) => !known.includes(ranking[place]))
    .map((place) => {
      const name = ranking[place]
      return `ranking.${place} names a model that is not there: "${name}"; ${knownNames(name, known)}. The rules set by hand take its place until it is added: sluice models add`
    })
}
