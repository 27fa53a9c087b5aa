import { Random } from '../../../foundation/base/index.ts'
import { DEFAULT_ROW, type EmbeddingTable, stepTogether } from '../../embeddings/index.ts'
import { TrainingStep } from '../../graph/index.ts'
import {
  emptyRows,
  type FeatureSpec,
  type ItemFacts,
  type RankingFeeds,
  type RankingTables,
  type RequestFacts,
  twoTowerTraining,
  writeRequest,
} from '../../models/index.ts'
import { towerFeeds, type TwoTowerRecipe } from '../two-tower/index.ts'

/** An item that was consumed, and the viewer as they were just before. */
export interface Consumption {
  readonly item: number
  readonly request: RequestFacts
}

/** The items that are there to be shown: a catalogue fits. */
export interface Living {
  /** Rows are below it. */
  readonly size: number
  /** Rows that are living. */
  readonly count: number
  has(row: number): boolean
}

/** Rows tried for one even draw among the living. */
const TRIES = 20

/** A row of a living item, by lot. */
export function drawLiving(living: Living, random: Random): number {
  let row = random.int(living.size)
  for (let tries = 1; tries < TRIES && !living.has(row); tries++) row = random.int(living.size)
  return row
}

/**
 * One step on the embeddings of items alone: the weights of both towers stay, so every vector that was made by them is
 * right, and only those of the items that are learned from are other ones.
 */
export class TowersStep {
  private readonly spec: FeatureSpec
  private readonly recipe: TwoTowerRecipe
  private readonly tables: RankingTables
  private readonly facts: ItemFacts
  private readonly step: TrainingStep
  private readonly users: RankingFeeds
  private readonly items: RankingFeeds

  private constructor(
    {
      spec,
      recipe,
      tables,
      facts,
    }: { spec: FeatureSpec; recipe: TwoTowerRecipe; tables: RankingTables; facts: ItemFacts },
    step: TrainingStep,
    { users, items }: ReturnType<typeof towerFeeds>,
  ) {
    this.spec = spec
    this.recipe = recipe
    this.tables = tables
    this.facts = facts
    this.step = step
    this.users = users
    this.items = items
  }

  /** `weights`: of both towers, in the layout of their training. */
  static async open(
    parts: { spec: FeatureSpec; recipe: TwoTowerRecipe; tables: RankingTables; facts: ItemFacts },
    weights: Float32Array,
    threads: number,
  ): Promise<TowersStep> {
    const { spec, recipe, tables, facts } = parts
    const shape = { requests: recipe.batch, candidates: recipe.batch + evenly(recipe), inBatch: true }
    const training = twoTowerTraining(spec, shape, recipe.network)
    const { g, item, loss } = training
    const step = await TrainingStep.open(
      g,
      { loss, inputGradients: [item.inputs.embedded('candidate.item')], frozen: g.parameters },
      { threads, name: 'two-tower', parameters: weights },
    )
    return new TowersStep(parts, step, towerFeeds(training, spec, tables, facts))
  }

  /** See `admitItems`. */
  admit(items: readonly number[], at: number): void {
    admitItems(this.tables.item, this.facts, items, at)
  }

  /**
   * Learns as many consumptions as a batch takes. `lately`: of how many consumptions each item was the one, which is how
   * likely it is to be drawn. Gives the loss.
   */
  async learn(
    batch: readonly Consumption[],
    lately: ReadonlyMap<number, number>,
    living: Living,
    { rate, seed }: { readonly rate: number; readonly seed: string },
  ): Promise<number> {
    const { spec, recipe } = this
    const rows = emptyRows(batch.length, 1, spec.history, spec.columns.length)
    for (const [r, { request }] of batch.entries()) writeRequest(rows, r, request)
    const random = new Random(seed)
    const drawn = Array.from({ length: evenly(recipe) }, () => drawLiving(living, random))
    const columns = Int32Array.from([...batch.map(({ item }) => item), ...drawn])
    const candidates = emptyRows(1, columns.length, spec.history, spec.columns.length)
    candidates.item.set(columns)
    const { inputGradients, loss } = await this.step.run({
      ...this.users.fill(rows),
      ...this.items.fill(candidates),
      items: columns,
      'log.q': recipe.logQ ? logQ(columns, lately, living.count, recipe) : new Float32Array(columns.length),
      weights: new Float32Array(batch.length).fill(1),
    })
    this.items.accumulate(inputGradients)
    stepTogether({ tables: [this.tables.item] }, { tableRate: rate, normMax: recipe.normMax })
    return loss
  }

  close(): Promise<void> {
    return this.step.close()
  }
}

/** Gives items that come up often enough rows of their own; those begin where the unknown are: at zeros. */
export function admitItems(table: EmbeddingTable, { keys }: ItemFacts, items: ArrayLike<number>, at: number): void {
  const ids = Uint32Array.from(items, (row) => keys?.item(row) ?? row)
  const known = table.find(ids)
  const rows = table.lookup(ids, at)
  table.zero(rows.filter((row, i) => known[i] === DEFAULT_ROW && row !== DEFAULT_ROW))
}

/** Negatives that are drawn evenly: as many as in training, at least one so that the batch is not alone. */
const evenly = ({ uniform, hard }: TwoTowerRecipe): number => Math.max(1, uniform + hard)

/** ln of Q(y) = (B p(y) + U / N) / (B + U), the chance of an item to be a column: see `Negatives`. */
function logQ(
  columns: Int32Array,
  lately: ReadonlyMap<number, number>,
  living: number,
  recipe: TwoTowerRecipe,
): Float32Array {
  const [B, U] = [recipe.batch, evenly(recipe)]
  const all = [...lately.values()].reduce((a, b) => a + b, 0)
  return Float32Array.from(columns, (item) => {
    const own = (lately.get(item) ?? 0) / Math.max(1, all)
    return Math.log((B * own + U / Math.max(1, living)) / (B + U))
  })
}
