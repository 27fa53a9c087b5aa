import { check, checkAll, checkHistory, checkWidth, kinds } from '../check.ts'
import { type TwoTowerConfig, twoTowerDefaults } from '../../models/index.ts'

/** How the two towers are trained. Plain data. */
export interface TwoTowerRecipe {
  readonly network: TwoTowerConfig
  /** T: history entries that are read. */
  readonly history: number
  /** d: numbers per embedding, a multiple of 4. */
  readonly width: number
  /** R: positives in a batch; each is a negative of the others. */
  readonly batch: number
  /** Negatives beside them, alike for the whole batch: drawn evenly, and near misses of its requests. */
  readonly uniform: number
  readonly hard: number
  /** Do the batch's other positives count as negatives? */
  readonly inBatch: boolean
  /** Take the logarithm of how often an item is drawn off its logit? */
  readonly logQ: boolean
  /** Share of items whose id is hidden in training, so that the content must say who they are. */
  readonly idDropout: number
  readonly epochs: number
  /** Epochs without a better validation before it stops; 0: never. */
  readonly patience: number
  readonly denseRate: number
  readonly weightDecay: number
  readonly tableRate: number
  readonly warmup: number
  readonly normMax: number
  readonly admission: number
  /** Shares of the requests, by time. */
  readonly validation: number
  readonly test: number
  /** Validation and test cases at most, drawn by lot. */
  readonly casesMax: number
  readonly seed: string
}

export const twoTowerRecipe: TwoTowerRecipe = {
  network: twoTowerDefaults,
  history: 20,
  width: 32,
  batch: 256,
  uniform: 256,
  hard: 0,
  inBatch: true,
  logQ: true,
  idDropout: 0.1,
  epochs: 5,
  patience: 1,
  denseRate: 1e-3,
  weightDecay: 1e-5,
  tableRate: 0.05,
  warmup: 100,
  normMax: 10,
  admission: 2,
  validation: 0.1,
  test: 0.1,
  casesMax: 2000,
  seed: '0',
}

/** What differs from the usual recipe. */
export type TwoTowerChoices = Partial<Omit<TwoTowerRecipe, 'network'>> & { readonly network?: Partial<TwoTowerConfig> }

const POSITIONS: readonly string[] = ['none', 'time', 'order', 'both'] satisfies TwoTowerConfig['positions'][]

/** @throws RangeError for a value outside its range */
export function completeTwoTower(choices: TwoTowerChoices = {}): TwoTowerRecipe {
  const recipe = { ...twoTowerRecipe, ...choices, network: { ...twoTowerDefaults, ...choices.network } }
  if (!recipe.inBatch && recipe.uniform + recipe.hard === 0)
    throw new RangeError('Cannot train without negatives: take in-batch, uniform or hard ones')
  const { history, width, batch, uniform, hard, inBatch, logQ, idDropout, epochs, patience, warmup } = recipe
  const { denseRate, weightDecay, tableRate, normMax, admission, casesMax } = recipe
  checkHistory(history)
  checkAll({ width, batch, epochs, admission, casesMax }, kinds.count)
  checkAll({ uniform, hard, patience, warmup }, kinds.countOrNone)
  checkAll({ denseRate, tableRate, normMax }, kinds.positive)
  checkAll({ weightDecay }, kinds.notNegative)
  checkAll({ idDropout }, kinds.share)
  checkAll({ inBatch, logQ }, kinds.flag)
  checkNetwork(recipe)
  return recipe
}

function checkNetwork({ width, network }: TwoTowerRecipe): void {
  const { hidden, units, blocks, heads, positions, temperature, viewer } = network
  checkAll({ 'network.hidden': hidden, 'network.units': units, 'network.heads': heads }, kinds.count)
  checkAll({ 'network.blocks': blocks }, kinds.countOrNone)
  checkAll({ 'network.temperature': temperature }, kinds.positive)
  checkAll({ 'network.viewer': viewer }, kinds.flag)
  check('network.positions', POSITIONS.includes(positions), positions, POSITIONS.join(', '))
  check('network.units', units % 4 === 0, units, 'a multiple of 4')
  checkWidth(width, heads)
}
