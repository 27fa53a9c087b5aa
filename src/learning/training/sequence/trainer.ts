import fs from 'node:fs'
import { join } from 'node:path'
import { Random } from '../../../foundation/base/index.ts'
import { makeFolder } from '../../../foundation/store/index.ts'
import { readArrays, type Schedule, schedule, writeArrays } from '../../embeddings/index.ts'
import { type SequenceModel, sequenceTraining } from '../../models/index.ts'
import { assertOwn, leftBehind } from '../checkpoints.ts'
import { flatFigures } from '../figures.ts'
import { Evaluator, rankMetrics } from './evaluate.ts'
import {
  completeRecipe,
  defaultClock,
  digestOf,
  type RecipeChoices,
  type SequenceRecipe,
  type TrainingHooks,
} from './options.ts'
import { type PackedEpoch, packEpoch } from './packing.ts'
import { type Cases, type Histories, someOf, type Split, validationCases } from './sequences.ts'
import { type Progress, TrainingState } from './state.ts'
import { SequenceStep } from './step.ts'

export interface SequenceRun {
  /** The averaged weights of the epoch that validated best. */
  readonly model: SequenceModel
  readonly recipe: SequenceRecipe
  readonly bestEpoch: number
  /** Validation NDCG@10 of that epoch, seen items removed. */
  readonly bestValue: number
  readonly epochs: number
  readonly updates: number
  /** False when the signal stopped it. */
  readonly done: boolean
  /** Spent by this process. */
  readonly seconds: number
}

interface Data {
  readonly histories: Histories
  readonly split: Split
}

const FILE = 'sequence.checkpoint'

/**
 * Trains a sequence model on what the split leaves. Equal data and recipe give equal weights to the bit on one machine with one thread,
 * however often the run is killed and continued from its checkpoints. Memory: five vectors of the model's size, one
 * batch, and the runtime's. Runs on the calling thread: put it into a worker beside anything that answers.
 *
 * @throws SluiceError ERR_GRADIENT_NOT_FINITE when the loss is no number any more; ERR_MODEL_INVALID for a damaged
 * checkpoint or one of another recipe or other data
 */
export async function trainSequence(
  histories: Histories,
  split: Split,
  choices: RecipeChoices = {},
  hooks: TrainingHooks = {},
): Promise<SequenceRun> {
  const recipe = completeRecipe(choices)
  const { threads = 1, provider = 'cpu', clock = defaultClock } = hooks
  const began = clock.ticks()
  const data = { histories, split }
  const { items, times } = histories
  const build = (rows: number) =>
    sequenceTraining(recipe.model, recipe.loss, { rows, items, timed: times !== undefined })
  const shape = { items, width: recipe.model.width }
  const { optimiser, seed } = recipe
  const state = new TrainingState(build(recipe.rows).graph, shape, {
    optimiser,
    seed,
    digest: digestOf(recipe, histories, split),
  })
  if (hooks.folder !== undefined) resume(hooks.folder, state)

  const cases = someOf(validationCases(histories, split), recipe.validation)
  const { rateOf, warmup } = scheduleOf(data, recipe)
  const step = await SequenceStep.open(recipe, state, build, { threads, provider })
  const evaluator = await Evaluator.open(recipe.model, histories.items, { threads })
  try {
    while (!state.progress.done && !hooks.signal?.aborted) {
      await trainEpoch(data, recipe, hooks, state, step, rateOf)
      if (hooks.signal?.aborted) break
      await closeEpoch(data, cases, recipe, hooks, state, evaluator, began, warmup)
    }
  } finally {
    await step.close()
    await evaluator.close()
  }
  const { progress } = state
  return {
    model: {
      config: recipe.model,
      items: histories.items,
      parameters: state.parametersOf(state.best).slice(),
      table: state.tableOf(state.best).slice(),
    },
    recipe,
    bestEpoch: progress.bestEpoch,
    bestValue: progress.bestValue,
    epochs: progress.epoch,
    updates: progress.updates,
    done: progress.done,
    seconds: (clock.ticks() - began) / 1000,
  }
}

/** The steps of the present epoch that are still to do. */
async function trainEpoch(
  data: Data,
  recipe: SequenceRecipe,
  hooks: TrainingHooks,
  state: TrainingState,
  step: SequenceStep,
  rateOf: Schedule,
): Promise<void> {
  const { clock = defaultClock, checkpointUpdates = 500, logUpdates = 50 } = hooks
  const { progress } = state
  const epoch = epochOf(data, recipe, progress.epoch)
  const steps = stepsOf(epoch, recipe)
  const began = clock.ticks()
  const before = { step: progress.step, places: progress.places }
  while (progress.step < steps) {
    const rate = rateOf(progress.updates + 1)
    const { loss, places } = await step.run(data.histories, epoch, progress.step * recipe.rows, rate)
    progress.lossSum += loss * places
    progress.places += places
    progress.step++
    progress.updates++
    if (progress.updates % logUpdates === 0 || progress.step === steps) {
      const seconds = (clock.ticks() - began) / 1000
      const left = (recipe.epochs - progress.epoch) * steps - progress.step
      hooks.log?.({
        kind: 'step',
        ...standing(progress, recipe, steps),
        step: progress.step,
        steps,
        loss: progress.lossSum / progress.places,
        rate,
        placesPerSecond: (progress.places - before.places) / seconds,
        secondsLeft: (left * seconds) / (progress.step - before.step),
      })
    }
    const stopped = hooks.signal?.aborted === true
    if (progress.updates % checkpointUpdates === 0 || stopped) save(hooks.folder, state)
    if (stopped) return
  }
}

/** Validates, keeps the best, decides whether to go on. */
async function closeEpoch(
  data: Data,
  cases: Cases,
  recipe: SequenceRecipe,
  hooks: TrainingHooks,
  state: TrainingState,
  evaluator: Evaluator,
  began: number,
  warmup: number,
): Promise<void> {
  const { progress, average } = state
  const ranks = await evaluator.ranks(data.histories, cases, state.parametersOf(average), state.tableOf(average))
  const validation = flatFigures(rankMetrics(ranks.removed))
  const value = validation['ndcg@10'] ?? 0
  const best = value > progress.bestValue
  const loss = progress.lossSum / progress.places
  const told = standing(progress, recipe, progress.step)
  if (best) {
    progress.bestEpoch = progress.epoch
    progress.bestValue = value
    state.best.set(average)
  }
  // What chance gave before anything was learned is no best to wait for.
  progress.waited = best || progress.updates <= warmup ? 0 : progress.waited + 1
  progress.epoch++
  progress.step = 0
  progress.lossSum = 0
  progress.places = 0
  const patient = recipe.patience === 0 || progress.waited < recipe.patience
  progress.done = progress.epoch >= recipe.epochs || !patient
  save(hooks.folder, state)
  const seconds = ((hooks.clock ?? defaultClock).ticks() - began) / 1000
  hooks.log?.({ kind: 'epoch', ...told, loss, validation, best, seconds })
}

/** How far it is, when every epoch has as many steps as the present one. */
function standing({ epoch, step, updates }: Progress, { epochs }: SequenceRecipe, steps: number) {
  return { epoch, epochs, updates, updatesPlanned: updates + (epochs - epoch) * steps - step }
}

const epochOf = ({ histories, split }: Data, { seed, model }: SequenceRecipe, epoch: number): PackedEpoch =>
  packEpoch(histories, split, model.length, new Random(`${seed} epoch ${epoch}`))

/**
 * Planned for as many steps in every epoch as the first one has; the others differ by how well they pack. Of few steps a
 * fifth at most warms up.
 */
function scheduleOf(data: Data, recipe: SequenceRecipe): { rateOf: Schedule; warmup: number } {
  const { rate, lastRate, epochs } = recipe
  const steps = epochs * stepsOf(epochOf(data, recipe, 0), recipe)
  const warmup = Math.min(recipe.warmup, Math.floor(steps / 5))
  return { rateOf: schedule({ kind: 'linear', rate, warmup, steps, last: lastRate }), warmup }
}

const stepsOf = ({ ends }: PackedEpoch, { rows }: SequenceRecipe): number => Math.ceil(ends.length / rows)

function save(folder: string | undefined, state: TrainingState): void {
  if (folder === undefined) return
  makeFolder(folder)
  writeArrays(join(folder, FILE), state.snapshot())
}

function resume(folder: string, state: TrainingState): void {
  const path = join(folder, FILE)
  if (!fs.existsSync(path)) return
  const found = leftBehind(path, () => readArrays<Progress>(path))
  assertOwn(path, found.header, state.progress)
  state.restore(found)
}
