import { type Histories, type RecipeChoices, sequenceChoices } from '../../learning/training/index.ts'
import type { TrainOptions } from './report.ts'

/** Catalogues up to here are trained by the full softmax; beyond, by negatives shared by the batch. */
const FULL_SOFTMAX_ITEMS = 12_000
const NEGATIVES = 1024

/** How the sequence model is trained on histories. Where no near miss is known, none is drawn. */
export function sequenceRecipe(
  { epochs, config, settings }: Pick<TrainOptions, 'epochs' | 'config' | 'settings'>,
  { items, near }: Pick<Histories, 'items' | 'near'>,
  seed: string,
): RecipeChoices {
  const hard = near && near.item.length > 0 ? config.learning.negatives.sequenceHard : 0
  return {
    ...sequenceChoices({ ...config.learning.settings['sequence'], ...settings }),
    seed,
    loss:
      items <= FULL_SOFTMAX_ITEMS
        ? { kind: 'full' }
        : { kind: 'sampled', negatives: NEGATIVES, ...(hard > 0 && { hard }) },
    ...(epochs === undefined ? {} : { epochs }),
  }
}
