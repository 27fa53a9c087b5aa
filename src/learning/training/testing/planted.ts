import { type RecipeName, trainRanker } from '../ranking/index.ts'
import { type Planted, toyFacts, toySamples } from './toy-samples.ts'

const config = {
  width: 16,
  history: 8,
  denseRate: 5e-3,
  warmup: 20,
  requests: 16,
  admission: 1,
  patience: 0,
  tableRate: 0.05,
} as const
const expectations = { emptyDaysMax: 100 }

/** AUC of clicks on the test part of a toy world: 0.9 for those who know what is planted, near 0.6 for the others. */
export async function clickAuc(
  recipe: RecipeName,
  planted: Planted,
  network: object = {},
  epochs = 3,
): Promise<number> {
  const samples = toySamples(planted, 1500)
  const all = { hidden: [32, 16], ...network }
  const run = await trainRanker({
    recipe,
    samples,
    facts: toyFacts,
    config: { ...config, epochs, network: all },
    expectations,
  })
  return run.metrics['click']?.auc?.value as number
}
