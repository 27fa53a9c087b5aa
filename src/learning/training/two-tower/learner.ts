import { Random } from '../../../foundation/base/index.ts'
import { type Dataset, Negatives, StreamingFrequency } from '../../../stream/samples/index.ts'
import { DenseVector, stepTogether } from '../../embeddings/index.ts'
import { initialParameters, layoutOf, type Provider, TrainingStep } from '../../graph/index.ts'
import {
  emptyRows,
  type FeatureSpec,
  type ItemFacts,
  portsOf,
  RankingFeeds,
  type RankingTables,
  type TwoTowerTraining,
  twoTowerTraining,
  writeRequest,
} from '../../models/index.ts'
import type { Learned } from '../checkpoints.ts'
import { days } from '../days.ts'
import type { TwoTowerRecipe } from './config.ts'
import type { Examples, Pool } from './examples.ts'

/** One training step at a time on both towers. */
export class TwoTowerLearner {
  readonly learned: Learned
  private readonly spec: FeatureSpec
  private readonly recipe: TwoTowerRecipe
  private readonly samples: Dataset
  private readonly step: TrainingStep
  private readonly userFeeds: RankingFeeds
  private readonly itemFeeds: RankingFeeds
  private readonly pool: Pool
  private readonly frequency: StreamingFrequency

  private constructor(
    parts: Pick<TwoTowerLearner, 'learned'> & {
      spec: FeatureSpec
      recipe: TwoTowerRecipe
      samples: Dataset
      step: TrainingStep
      userFeeds: RankingFeeds
      itemFeeds: RankingFeeds
      pool: Pool
    },
  ) {
    this.learned = parts.learned
    this.spec = parts.spec
    this.recipe = parts.recipe
    this.samples = parts.samples
    this.step = parts.step
    this.userFeeds = parts.userFeeds
    this.itemFeeds = parts.itemFeeds
    this.pool = parts.pool
    this.frequency = new StreamingFrequency({ gap: Math.max(1, this.pool.items.length / this.recipe.batch) })
  }

  /** `pool`: of the training part. */
  static async open(
    spec: FeatureSpec,
    recipe: TwoTowerRecipe,
    samples: Dataset,
    facts: ItemFacts,
    pool: Pool,
    { threads, provider, tables }: { threads: number; provider: Provider; tables: RankingTables },
  ): Promise<TwoTowerLearner> {
    const shape = { requests: recipe.batch, candidates: candidatesOf(recipe), inBatch: recipe.inBatch, timed: true }
    const { g, user, item, loss } = twoTowerTraining(spec, shape, recipe.network)
    const layout = layoutOf(g)
    const decayed = layout.slots.filter((slot) => slot.shape.length > 1)
    const dense = new DenseVector(layout.size, {
      name: 'two-tower',
      optimiser: { kind: 'adam', weightDecay: recipe.weightDecay },
      decayed: decayed.map(({ offset, length }) => [offset, offset + length]),
    })
    initialParameters(g, recipe.seed, dense.weights)
    const towers = [user, item]
    const step = await TrainingStep.open(
      g,
      {
        loss,
        inputGradients: towers.flatMap(({ inputs }) => inputs.embeddedNames.map((name) => inputs.embedded(name))),
      },
      { threads, providers: [provider], name: 'two-tower', parameters: dense.weights, gradients: dense.gradients },
    )
    const { users, items } = towerFeeds({ g, item }, spec, tables, facts)
    return new TwoTowerLearner({
      learned: { dense, tables, layout },
      spec,
      recipe,
      samples,
      step,
      userFeeds: users,
      itemFeeds: items,
      pool,
    })
  }

  /** Learns the examples listed, at most a batch of them. Gives the mean loss. `number` of the step from 1. */
  async learn(examples: Examples, which: Uint32Array, number: number, scale: number): Promise<number> {
    const { recipe, samples, spec, learned } = this
    const random = new Random(`${recipe.seed}/step/${number}`)
    const R = recipe.batch
    const rows = emptyRows(R, 1, spec.history, spec.columns.length)
    const weights = new Float32Array(R)
    const positives = new Uint32Array(R)
    const near: ArrayLike<number>[] = []
    for (let r = 0; r < R; r++) {
      const example = which[r % which.length] // the last batch repeats its own, weighing nothing
      const request = samples.request(examples.request[example])
      writeRequest(rows, r, request)
      positives[r] = examples.item[example]
      near.push(request.near)
      weights[r] = r < which.length ? 1 : 0
    }
    this.frequency.seen(positives, number)
    const drawn = this.candidates(positives, near, `${recipe.seed}/${number}`)
    const items = emptyRows(1, drawn.items.length, spec.history, spec.columns.length)
    for (let c = 0; c < drawn.items.length; c++) items.item[c] = drawn.items[c]
    const hidden = { ...items, hidden: Uint8Array.from(items.item, () => (random.chance(recipe.idDropout) ? 1 : 0)) }
    const latest = rows.at.reduce((a, b) => Math.max(a, b), 0)
    const result = await this.step.run({
      ...this.userFeeds.fill(rows, latest),
      ...this.itemFeeds.fill(hidden, latest),
      items: items.item,
      'log.q': drawn.logQ,
      ...{ since: drawn.since, moments: Float32Array.from(rows.at, days) },
      weights,
    })
    this.userFeeds.accumulate(result.inputGradients)
    this.itemFeeds.accumulate(result.inputGradients)
    const tables = [...new Set([...this.userFeeds.used, ...this.itemFeeds.used])]
    stepTogether(
      { dense: [learned.dense], tables },
      { denseRate: recipe.denseRate * scale, tableRate: recipe.tableRate * scale, normMax: recipe.normMax },
    )
    return result.loss
  }

  /** Counts a batch that was learned before this process began, so that a continued run draws as one that was not stopped. */
  remember(examples: Examples, which: Uint32Array, number: number): void {
    this.frequency.seen(
      which.map((example) => examples.item[example]),
      number,
    )
  }

  close(): Promise<void> {
    return this.step.close()
  }

  /** The positives, then the drawn negatives: how likely the mixture is to draw each (logarithm), and since when each is there. */
  private candidates(
    positives: Uint32Array,
    near: readonly ArrayLike<number>[],
    seed: string,
  ): { items: Uint32Array; logQ: Float32Array; since: Float32Array } {
    const { recipe, frequency, pool } = this
    const { inBatch, uniform, hard, batch } = recipe
    const places = positives.map((row) => pool.place(row))
    const drawn = new Negatives(pool.counts, { inBatch, uniform, hard }, seed).draw(places, {
      hard: (i) => Array.from(near[i], (row) => pool.place(row)).filter((place) => place >= 0),
      frequency: (place) => frequency.probability(pool.items[place]) / batch,
    })
    const columns = inBatch ? drawn.items : Uint32Array.from([...places, ...drawn.items])
    const logQ = inBatch ? drawn.logQ : Float32Array.from([...drawn.positiveLogQ, ...drawn.logQ])
    return {
      items: columns.map((place) => pool.items[place]),
      logQ: recipe.logQ ? logQ : logQ.fill(0),
      since: Float32Array.from(columns, (place) => days(pool.since[place])),
    }
  }
}

/** What each tower of a training graph is fed from. */
export function towerFeeds(
  { g, item }: Pick<TwoTowerTraining, 'g' | 'item'>,
  spec: FeatureSpec,
  tables: RankingTables,
  facts: ItemFacts,
): { readonly users: RankingFeeds; readonly items: RankingFeeds } {
  const ofItems = new Set(['content', ...item.inputs.embeddedNames])
  const feeds = (theirs: boolean) => {
    const ports = portsOf(g).filter(({ name }) => ofItems.has(name) === theirs)
    return new RankingFeeds(spec, ports, tables, facts, { rare: 'zero', copied: true })
  }
  return { users: feeds(false), items: feeds(true) }
}

export const candidatesOf = ({ batch, uniform, hard }: TwoTowerRecipe): number => batch + uniform + hard
