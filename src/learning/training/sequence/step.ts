import { Random, SluiceError } from '../../../foundation/base/index.ts'
import { openStep, type Provider, type Step, type Trained, type Values } from '../../graph/index.ts'
import type { SequenceTraining } from '../../models/index.ts'
import { Batch, gatherRows, scatterRows } from './batch.ts'
import { fillMasks } from './dropout.ts'
import type { SequenceRecipe } from './options.ts'
import type { PackedEpoch } from './packing.ts'
import type { Histories } from './sequences.ts'
import type { TrainingState } from './state.ts'

/** One update at a time: batch, gradients of graph and item table, optimiser, running mean of the weights. */
export class SequenceStep {
  private readonly recipe: SequenceRecipe
  private readonly state: TrainingState
  private readonly step: Step
  private readonly batch: Batch
  private readonly masks: Record<string, Float32Array>
  private readonly drawn: Int32Array
  private readonly candidates: Float32Array

  private constructor(recipe: SequenceRecipe, state: TrainingState, candidates: number, step: Step) {
    const { length, width } = recipe.model
    this.recipe = recipe
    this.state = state
    this.step = step
    this.batch = new Batch(recipe.rows, length, width)
    const sizes = step.inputs.filter(({ name }) => name.startsWith('mask/'))
    this.masks = Object.fromEntries(sizes.map(({ name }) => [name, new Float32Array(recipe.rows * length * width)]))
    const sampled = recipe.loss.kind === 'sampled'
    this.drawn = new Int32Array(sampled ? candidates : 0)
    this.candidates = sampled ? new Float32Array(candidates * width) : state.tableOf(state.dense.weights)
  }

  static async open(
    recipe: SequenceRecipe,
    state: TrainingState,
    build: (rows: number) => SequenceTraining,
    { threads, provider }: { readonly threads: number; readonly provider: Provider },
  ): Promise<SequenceStep> {
    const { weights, gradients } = state.dense
    const { rows } = recipe
    const step = await openStep((own): Trained => build(own), {
      ...{ rows, weight: 'weights', threads, providers: [provider], name: 'sequence' },
      parameters: state.parametersOf(weights),
      gradients: state.parametersOf(gradients),
    })
    return new SequenceStep(recipe, state, build(rows).candidates, step)
  }

  /** Learns the rows of an epoch from `first` on. Gives the mean loss over their places. */
  async run(
    histories: Histories,
    epoch: PackedEpoch,
    first: number,
    rate: number,
  ): Promise<{ loss: number; places: number }> {
    const { state, recipe, batch } = this
    const { updates } = state.progress
    const table = state.tableOf(state.dense.weights)
    batch.fill(histories, epoch, first)
    batch.gather(table, true)
    const { loss, inputGradients } = await this.step.run(this.feeds(table, updates))
    if (!Number.isFinite(loss)) {
      throw new SluiceError('ERR_GRADIENT_NOT_FINITE', ['the loss of the sequence model', String(updates)])
    }
    this.collect(inputGradients)
    state.dense.step({ rate })
    blend(state.average, state.dense.weights, Math.min(recipe.averaging, (1 + updates) / (10 + updates)))
    return { loss, places: batch.weights.reduce((sum, weight) => sum + weight, 0) }
  }

  close(): Promise<void> {
    return this.step.close()
  }

  private feeds(table: Float32Array, updates: number): Record<string, Values> {
    const { batch, recipe, drawn } = this
    fillMasks(Object.values(this.masks), recipe.model.dropout, `${recipe.seed} dropout ${updates}`)
    const feeds = {
      ...batch.feeds,
      ...this.masks,
      target: batch.target,
      weights: batch.weights,
      candidates: this.candidates,
    }
    if (recipe.loss.kind === 'full') return feeds
    const random = new Random(`${recipe.seed} negatives ${updates}`)
    for (let i = 0; i < drawn.length; i++) drawn[i] = random.int(this.state.items)
    gatherRows(table, drawn, recipe.model.width, this.candidates)
    return { ...feeds, next: batch.next, drawn }
  }

  private collect(given: Readonly<Record<string, Float32Array>>): void {
    const { batch, drawn } = this
    const { width } = batch
    const table = this.state.tableOf(this.state.dense.gradients)
    if (drawn.length === 0) table.set(given['candidates'] as Float32Array)
    else {
      table.fill(0)
      scatterRows(given['candidates'] as Float32Array, drawn, width, table)
    }
    scatterRows(given['history'] as Float32Array, batch.items, width, table)
    scatterRows(given['target'] as Float32Array, batch.next, width, table)
  }
}

/** mean = share mean + (1 - share) weights */
function blend(mean: Float32Array, weights: Float32Array, share: number): void {
  const rest = 1 - share
  for (let i = 0; i < mean.length; i++) mean[i] = share * mean[i] + rest * weights[i]
}
