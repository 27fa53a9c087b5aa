import { knownNames, SluiceError } from '../../../foundation/base/index.ts'
import { sequenceDefaults, twoTowerDefaults } from '../../models/index.ts'
import { kinds, checkAll } from '../check.ts'
import { completeConfig, type RankingConfig, rankingDefaults, type RecipeName } from '../ranking/index.ts'
import { completeRecipe, type RecipeChoices } from '../sequence/index.ts'
import { completeTwoTower, type TwoTowerChoices, twoTowerRecipe } from '../two-tower/index.ts'

/** A list of numbers is one value: the widths of layers. */
export type Setting = number | string | boolean | readonly number[]
/** Settings by name: those of a training's configuration, and `network.NAME` for what is set in the network. */
export type Settings = Readonly<Record<string, Setting>>
export type TrainedModel = RecipeName | 'sequence' | 'two-tower'

interface Takes {
  readonly names: readonly string[]
  /** Does the model say what its network takes? */
  readonly network: boolean
  /** Short names that people know. */
  readonly aliases: Readonly<Record<string, string>>
}

/** What a setting may not change: it would change what is judged, or how, or stands elsewhere in the configuration. */
const FIXED = {
  ranker: ['model', 'network', 'seed', 'validation', 'test', 'criterion', 'scenarios', 'headWeights'],
  sequence: ['model', 'loss', 'optimiser', 'validation', 'seed'],
  towers: ['network', 'validation', 'test', 'casesMax', 'seed'],
}
const without = (names: object, fixed: readonly string[]) => Object.keys(names).filter((name) => !fixed.includes(name))

const ranker: Takes = {
  names: without(rankingDefaults, FIXED.ranker),
  network: true,
  aliases: { lr: 'denseRate', dim: 'width' },
}
const sequence: Takes = {
  names: [...Object.keys(sequenceDefaults), ...without(completeRecipe(), FIXED.sequence)],
  network: false,
  aliases: { lr: 'rate', dim: 'width' },
}
const towers: Takes = {
  names: [...without(twoTowerRecipe, FIXED.towers), ...Object.keys(twoTowerDefaults).map((name) => `network.${name}`)],
  network: false,
  aliases: ranker.aliases,
}
/** Who takes what: every model that is trained here has its line. The coarse ranker goes by the fine one. */
const takers: Readonly<Record<TrainedModel, Takes | undefined>> = {
  ...{ sequence, 'two-tower': towers, coarse: undefined },
  ...{ wdl: ranker, din: ranker, bst: ranker, 'bst-isolated': ranker, dlrm: ranker, degraded: ranker },
}

/**
 * The name of a setting of a model, in full.
 * @throws SluiceError ERR_SWEEP_SPACE for a name the model does not take
 */
export function nameOf(model: TrainedModel, text: string, asked: string = text): string {
  const takes = takers[model]
  if (takes === undefined) throw wrong(asked, `${model} takes no settings`)
  const name = takes.aliases[text] ?? text
  if (takes.names.includes(name) || (takes.network && /^network\.\w+$/.test(name))) return name
  const known = knownNames(text, [...Object.keys(takes.aliases), ...takes.names])
  throw wrong(asked, `${known}${takes.network ? ' and network.NAME' : ''}`)
}

/** The configuration that settings of a ranker stand for. @throws SluiceError ERR_SWEEP_SPACE for a value outside its range */
export function configOf(recipe: RecipeName, settings: Settings): Partial<RankingConfig> {
  const chosen = nested(recipe, settings, networkPath) as Partial<RankingConfig>
  return fitting(recipe, settings, chosen, () => completeConfig(recipe, chosen))
}

/** The same of the sequence model: what sets its shape stands beside the rest. @throws SluiceError ERR_SWEEP_SPACE */
export function sequenceChoices(settings: Settings): RecipeChoices {
  const shape = (name: string) => (name in sequenceDefaults ? { group: 'model', name } : { name })
  const chosen = nested('sequence', settings, shape) as RecipeChoices
  return fitting('sequence', settings, chosen, () => completeRecipe(chosen))
}

/**
 * The same of the two towers. `uniform` and `hard` count negatives for each consumed item, as `learning.negatives` does:
 * how many that is in a batch depends on the folder. @throws SluiceError ERR_SWEEP_SPACE
 */
export function towerChoices(settings: Settings): TwoTowerChoices {
  const chosen = nested('two-tower', settings, networkPath) as TwoTowerChoices
  return fitting('two-tower', settings, chosen, () => {
    const { uniform = 1, hard = 0, batch = twoTowerRecipe.batch } = chosen
    checkAll({ uniform, hard }, kinds.notNegative)
    completeTwoTower({ ...chosen, uniform: Math.round(uniform * batch), hard: Math.round(hard * batch) })
  })
}

/** @throws SluiceError ERR_SWEEP_SPACE for what a model's training does not take */
export function checkSettings(model: TrainedModel, settings: Settings): void {
  if (model === 'sequence') sequenceChoices(settings)
  else if (model === 'two-tower') towerChoices(settings)
  else configOf(model, settings)
}

export function wrong(what: string, why: string): SluiceError {
  return new SluiceError('ERR_SWEEP_SPACE', [what, why])
}

interface Path {
  readonly group?: string
  readonly name: string
}

function networkPath(name: string): Path {
  return name.startsWith('network.') ? { group: 'network', name: name.slice('network.'.length) } : { name }
}

/** Settings as the configuration nests them. */
function nested(model: TrainedModel, settings: Settings, pathOf: (name: string) => Path): object {
  const config: Record<string, unknown> = {}
  const groups: Record<string, Record<string, unknown>> = {}
  for (const [key, value] of Object.entries(settings)) {
    const { group, name } = pathOf(nameOf(model, key))
    if (group === undefined) config[name] = value
    else groups[group] = { ...groups[group], [name]: value }
  }
  return { ...config, ...groups }
}

function fitting<T>(model: TrainedModel, settings: Settings, chosen: T, complete: () => void): T {
  try {
    complete()
  } catch (error) {
    const { message } = error as Error
    const short = Object.entries(takers[model]?.aliases ?? {}).filter(([, name]) => message.includes(name))
    throw wrong(JSON.stringify(settings), message + short.map(([alias, name]) => ` (${alias} is ${name})`).join(''))
  }
  return chosen
}
