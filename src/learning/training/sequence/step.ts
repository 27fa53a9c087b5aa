import { Random, SluiceError } from '../../../foundation/base/index.ts'
import { openStep, type Provider, type Step, type Trained, type Values } from '../../graph/index.ts'
import type { SequenceTraining } from '../../models/index.ts'
import { Batch, gatherRows, scatterRows } from './batch.ts'
import { Drawn } from './drawn.ts'
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
  private readonly drawn: Drawn | undefined
  private readonly candidates: Float32Array
  /** [candidates] since when each is there. */
  private readonly since: Float32Array

  private constructor(recipe: SequenceRecipe, state: TrainingState, step: Step) {
    const { length, width } = recipe.model
    this.recipe = recipe
    this.state = state
    this.step = step
    this.batch = new Batch(recipe.rows, length, width)
    const sizes = step.inputs.filter(({ name }) => name.startsWith('mask/'))
    this.masks = Object.fromEntries(sizes.map(({ name }) => [name, new Float32Array(recipe.rows * length * width)]))
    this.drawn = recipe.loss.kind === 'sampled' ? new Drawn(state.items, recipe.loss) : undefined
    this.candidates = this.drawn
      ? new Float32Array(this.drawn.items.length * width)
      : state.tableOf(state.dense.weights)
    this.since = new Float32Array(this.drawn?.items.length ?? 0)
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
    return new SequenceStep(recipe, state, step)
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
    const { loss, inputGradients } = await this.step.run(this.feeds(histories, table, updates))
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

  private feeds(histories: Histories, table: Float32Array, updates: number): Record<string, Values> {
    const { batch, recipe, drawn } = this
    const { times } = histories
    fillMasks(Object.values(this.masks), recipe.model.dropout, `${recipe.seed} dropout ${updates}`)
    const feeds = {
      ...batch.feeds,
      ...this.masks,
      target: batch.target,
      weights: batch.weights,
      candidates: this.candidates,
      ...(times && { moments: batch.moments, since: drawn ? this.since : times.since }),
    }
    if (recipe.loss.kind === 'full' || drawn === undefined) return feeds
    const { hard = 0 } = recipe.loss
    drawn.draw(new Random(`${recipe.seed} negatives ${updates}`), hard > 0 ? batch.nears(histories) : [])
    gatherRows(table, drawn.items, recipe.model.width, this.candidates)
    if (times) gatherRows(times.since, drawn.items, 1, this.since)
    return { ...feeds, next: batch.next, drawn: drawn.items, ...(hard > 0 && { raise: drawn.raise }) }
  }

  private collect(given: Readonly<Record<string, Float32Array>>): void {
    const { batch, drawn } = this
    const { width } = batch
    const table = this.state.tableOf(this.state.dense.gradients)
    if (drawn === undefined) table.set(given['candidates'] as Float32Array)
    else {
      table.fill(0)
      scatterRows(given['candidates'] as Float32Array, drawn.items, width, table)
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
