import { type RankerName, rankers } from '../../models/index.ts'
import type { CalibrationKind } from '../calibrate.ts'
import { check, checkAll, checkHistory, checkWidth, kinds } from '../check.ts'
import { degradedScenarios, type Scenario } from './deprivation.ts'

/** How a ranking model is trained. Plain data, written into the run's record and the artifact's manifest. */
export interface RankingConfig {
  readonly model: RankerName
  /** Replaces single values of the model's own configuration. */
  readonly network: Readonly<Record<string, unknown>>
  /** T: history entries that are read. */
  readonly history: number
  /** d: numbers per embedding, a multiple of 4. */
  readonly width: number
  /** A batch is requests x impressions. */
  readonly requests: number
  readonly impressions: number
  readonly epochs: number
  /** Epochs without a better validation before it stops; 0: never. */
  readonly patience: number
  /** Adam on the dense weights. */
  readonly denseRate: number
  readonly weightDecay: number
  /** Adagrad on the embeddings. */
  readonly tableRate: number
  /** Steps in which the rate rises from 0; then it falls in a line to a tenth at the last step. */
  readonly warmup: number
  /** The most that all gradients together may be long. */
  readonly normMax: number
  /** An id met less often shares the row of the rare. */
  readonly admission: number
  /** Weight of a head's loss by name; 0 for heads not named. */
  readonly headWeights: Readonly<Record<string, number>>
  /** Share of positions hidden in training, so that "unknown" is learned; 1: the model knows no positions. */
  readonly positionDropout: number
  /** A clicked impression weighs 1 + this x the share watched. 0: all weigh alike. */
  readonly watchWeight: number
  /** Most weight that one viewer's impressions may have together in the requests of training; 0: no cap. */
  readonly userCap: number
  /**
   * A click at position k (from 0) weighs (1 + k) to this power more, at most 20: what hides it is made up for. 'fitted':
   * by what stood in its place by lot. 0: none. Needs positionDropout 1: the position that the model reads corrects the
   * same bias, and both together would correct it twice.
   */
  readonly positionPower: number | 'fitted'
  /** What is taken away in training, by lot per request. */
  readonly scenarios: readonly Scenario[]
  readonly calibration: CalibrationKind
  /** Shares of the requests, by time. */
  readonly validation: number
  readonly test: number
  /** What decides which epoch was best: head and figure. */
  readonly criterion: { readonly head: string; readonly metric: 'auc' | 'gauc' | 'logloss' }
  readonly seed: string
}

export const rankingDefaults: RankingConfig = {
  model: 'bst-isolated',
  network: {},
  history: 20,
  width: 32,
  requests: 32,
  impressions: 8,
  epochs: 2,
  patience: 1,
  denseRate: 1e-3,
  weightDecay: 1e-5,
  tableRate: 0.01,
  warmup: 100,
  normMax: 10,
  admission: 2,
  headWeights: { click: 1, watch: 1, satisfaction: 1, report: 1, return: 0.2 },
  positionDropout: 0.1,
  watchWeight: 0,
  userCap: 0,
  positionPower: 0,
  scenarios: [],
  calibration: 'platt',
  validation: 0.1,
  test: 0.1,
  criterion: { head: 'click', metric: 'logloss' },
  seed: '0',
}

/** The trained models by the name they have in the registry, and what sets each apart. */
export const recipes = {
  wdl: { model: 'wdl' },
  din: { model: 'din' },
  bst: { model: 'bst' },
  'bst-isolated': { model: 'bst-isolated' },
  dlrm: { model: 'dlrm' },
  coarse: { model: 'coarse' },
  degraded: { model: 'bst-isolated', scenarios: degradedScenarios },
} as const satisfies Record<string, Partial<RankingConfig>>
export type RecipeName = keyof typeof recipes

/** @throws RangeError for a value outside its range */
export function completeConfig(recipe: RecipeName, choices: Partial<RankingConfig> = {}): RankingConfig {
  const config: RankingConfig = { ...rankingDefaults, ...recipes[recipe], ...choices }
  const { width, requests, impressions, epochs, patience, warmup, admission } = config
  const { denseRate, tableRate, normMax, weightDecay, validation, test, calibration } = config
  checkAll({ width, requests, impressions, epochs, admission }, kinds.count)
  checkAll({ patience, warmup }, kinds.countOrNone)
  checkAll({ denseRate, tableRate, normMax }, kinds.positive)
  checkAll({ weightDecay }, kinds.notNegative)
  checkAll({ validation, test }, kinds.share)
  checkHistory(config.history)
  check('calibration', CALIBRATIONS.includes(calibration), calibration, CALIBRATIONS.join(', '))
  checkWeights(config)
  const taken = config.scenarios.reduce((sum, { share }) => sum + share, 0)
  check('scenarios', taken >= 0 && taken <= 1 + 1e-9, taken, 'shares that sum to at most 1')
  checkNetwork(config)
  return config
}

function checkWeights(config: RankingConfig): void {
  const { positionDropout, positionPower: power } = config
  check('positionDropout', positionDropout >= 0 && positionDropout <= 1, positionDropout, 'from 0 to 1')
  for (const name of ['watchWeight', 'userCap'] as const)
    check(name, Number.isFinite(config[name]) && config[name] >= 0, config[name], 'a number from 0')
  const known = power === 'fitted' || (Number.isFinite(power) && power >= 0 && power <= 4)
  check('positionPower', known, power, 'from 0 to 4, or "fitted"')
  if (power !== 0 && positionDropout < 1)
    throw new RangeError(
      `positionPower ${power} corrects the bias of position that the model corrects already by the positions it reads: set positionDropout to 1 with it, so that it reads none`,
    )
}

const CALIBRATIONS: readonly string[] = ['none', 'platt', 'isotonic'] satisfies CalibrationKind[]
/** Words that a network knows, by name. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  positions: ['none', 'time', 'order', 'both'],
  interaction: ['dot', 'cross'],
}
/** What a network can do without: their number may be 0. */
const SPARED = ['experts', 'crosses']

/** What is set in a network is known there, and is of the kind that stands there. */
function checkNetwork({ model, network, width }: RankingConfig): void {
  const defaults: Readonly<Record<string, unknown>> = { ...rankers[model].defaults }
  for (const [name, value] of Object.entries(network)) {
    const usual = Object.hasOwn(defaults, name) ? defaults[name] : undefined
    if (usual === undefined)
      throw new RangeError(`network.${name} is not known to ${model}: it has ${Object.keys(defaults).join(', ')}`)
    const told = JSON.stringify(value)
    if (Array.isArray(usual))
      check(`network.${name}`, isWidths(value), told, 'a list of whole numbers from 1, as [128,64]')
    else if (typeof usual === 'number')
      checkAll({ [`network.${name}`]: value }, SPARED.includes(name) ? kinds.countOrNone : kinds.count)
    else if (WORDS[name] !== undefined)
      check(`network.${name}`, WORDS[name].includes(value as string), told, WORDS[name].join(', '))
    else
      check(`network.${name}`, typeof value === typeof usual, told, `a ${typeof usual} like ${JSON.stringify(usual)}`)
  }
  const { heads = 1 } = { ...defaults, ...network } as { heads?: number }
  checkWidth(width, heads)
}

function isWidths(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((width) => Number.isInteger(width) && width >= 1)
}
