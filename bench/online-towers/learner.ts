import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '../../src/foundation/base/index.ts'
import {
  DenseVector,
  encodeDense,
  type EmbeddingTable,
  readCheckpoint,
  restoreDense,
  stepTogether,
  writeCheckpoint,
} from '../../src/learning/embeddings/index.ts'
import { layoutOf, TrainingStep } from '../../src/learning/graph/index.ts'
import {
  emptyRows,
  type FeatureSpec,
  type RankingFeeds,
  type RankingTables,
  type TableName,
  tableNames,
  TwoTowerEncoder,
  twoTowerTraining,
  userTower,
  writeRequest,
} from '../../src/learning/models/index.ts'
import type { Learned, TwoTowerRecipe } from '../../src/learning/training/index.ts'
import { admitItems } from '../../src/learning/training/online/towers-step.ts'
import { towerFeeds } from '../../src/learning/training/two-tower/index.ts'
import { Negatives } from '../../src/stream/samples/index.ts'
import type { Stream } from './stream.ts'

/**
 * What of the towers is learned on.
 *
 * - `positives`: embeddings of the items that were consumed, and nothing else
 * - `candidates`: those of the items that were drawn as negatives too
 * - `history`: those of the items in histories as well
 * - `viewers`: the dense weights of the viewers' tower: no item moves
 * - `whole`: everything, and every item is encoded anew
 */
export const kinds = ['positives', 'candidates', 'history', 'viewers', 'whole'] as const
export type Kind = (typeof kinds)[number]

export interface Variant {
  readonly name: string
  readonly kind: Kind
  /** Learning rate in parts of the one in training. */
  readonly scale: number
  /** Steps for each portion of the stream: the portion, filled up with what came lately. */
  readonly steps: number
}

/** `candidates:0.3:2` */
export function variantOf(name: string): Variant {
  const [kind, scale = '1', steps = '1'] = name.split(':') as [Kind, string?, string?]
  if (!kinds.includes(kind)) throw new RangeError(`Cannot learn "${kind}": it is one of ${kinds.join(', ')}`)
  return { name, kind, scale: Number(scale), steps: Number(steps) }
}

/** What came last of the stream: batches are filled up with it, and it says how often an item comes. */
const LATELY = 4096
/** Of a batch, negatives that are drawn evenly from all items that are out. */
const UNIFORM = 256

interface Inner {
  readonly ground: { readonly stream: Stream; readonly spec: FeatureSpec; readonly recipe: TwoTowerRecipe }
  readonly learned: Learned
  readonly step: TrainingStep
  readonly users: RankingFeeds
  readonly items: RankingFeeds
  /** Slots of the dense weights that are learned. */
  readonly moving: readonly { readonly offset: number; readonly length: number }[]
}

export class OnlineTowers {
  readonly variant: Variant
  readonly encoder: TwoTowerEncoder
  /** Processor seconds of learning. */
  spent = 0
  private readonly ground: Inner['ground']
  private readonly learned: Learned
  private readonly step: TrainingStep
  private readonly users: RankingFeeds
  private readonly items: RankingFeeds
  private readonly moving: Inner['moving']
  private number = 0

  private constructor(
    { variant, encoder }: Pick<OnlineTowers, 'variant' | 'encoder'>,
    { ground, learned, step, users, items, moving }: Inner,
  ) {
    this.variant = variant
    this.encoder = encoder
    this.ground = ground
    this.learned = learned
    this.step = step
    this.users = users
    this.items = items
    this.moving = moving
  }

  static async open(
    variant: Variant,
    stream: Stream,
    spec: FeatureSpec,
    recipe: TwoTowerRecipe,
    from: Learned,
  ): Promise<OnlineTowers> {
    const { network, batch } = recipe
    const tables = copiesOf(from.tables)
    const shape = { requests: batch, candidates: batch + UNIFORM, inBatch: true }
    const { g, user, item, loss } = twoTowerTraining(spec, shape, network)
    const layout = layoutOf(g)
    const dense = new DenseVector(layout.size, { name: 'two-tower', optimiser: from.dense.optimiser })
    restoreDense(dense, encodeDense(from.dense))
    const embedded = [user, item].flatMap(({ inputs }) => inputs.embeddedNames.map((name) => inputs.embedded(name)))
    const step = await TrainingStep.open(
      g,
      { loss, inputGradients: embedded },
      { name: 'two-tower', parameters: dense.weights, gradients: dense.gradients },
    )
    const weights = { layout, weights: dense.weights }
    const encoder = await TwoTowerEncoder.over(spec, network, weights, tables, stream.facts)
    const own = new Set(layoutOf(userTower(spec, batch, network).g).slots.map(({ name }) => name))
    const moving = layout.slots.filter(({ name }) =>
      variant.kind === 'viewers' ? own.has(name) : variant.kind === 'whole',
    )
    return new OnlineTowers(
      { variant, encoder },
      {
        ...{ ground: { stream, spec, recipe }, learned: { dense, tables, layout }, step, moving },
        ...towerFeeds({ g, item }, spec, tables, stream.facts),
      },
    )
  }

  /** Learns a portion of the stream, `until` the place of its last request. */
  async learn(portion: Uint32Array, lately: Uint32Array, outNow: number): Promise<void> {
    const began = process.cpuUsage()
    if (this.variant.kind !== 'viewers') this.admit(portion)
    for (let i = 0; i < this.variant.steps; i++) await this.once(portion, lately.subarray(-LATELY), outNow)
    const { user, system } = process.cpuUsage(began)
    this.spent += (user + system) / 1e6
  }

  async close(): Promise<void> {
    await this.step.close()
    await this.encoder.close()
  }

  private async once(portion: Uint32Array, lately: Uint32Array, outNow: number): Promise<void> {
    const { stream, spec, recipe } = this.ground
    const { kind, scale } = this.variant
    const seed = `${recipe.seed}/online/${++this.number}`
    const random = new Random(seed)
    const R = recipe.batch
    const rows = emptyRows(R, 1, spec.history, spec.columns.length)
    const positives = new Uint32Array(R)
    for (let r = 0; r < R; r++) {
      const number = r < portion.length ? portion[r] : lately[random.int(lately.length)]
      writeRequest(rows, r, stream.samples.request(number))
      positives[r] = stream.item[number] as number
    }
    const counts = new Float64Array(outNow)
    for (const number of lately) counts[stream.item[number] as number]++
    const drawn = new Negatives(counts, { inBatch: true, uniform: UNIFORM }, seed).draw(positives, {
      frequency: (item) => (counts[item] as number) / lately.length,
    })
    const candidates = emptyRows(1, drawn.items.length, spec.history, spec.columns.length)
    candidates.item.set(drawn.items)
    const at = rows.at.reduce((a, b) => Math.max(a, b), 0)
    const learnAt = kind === 'whole' ? at : undefined
    const { inputGradients } = await this.step.run({
      ...this.users.fill(rows, learnAt),
      ...this.items.fill(candidates, learnAt),
      items: candidates.item,
      'log.q': drawn.logQ,
      weights: new Float32Array(R).fill(1),
    })
    if (kind === 'whole') {
      this.users.accumulate(inputGradients)
      this.items.accumulate(inputGradients)
    } else if (kind !== 'viewers') this.accumulateItems(inputGradients)
    this.move(scale)
  }

  private admit(portion: Uint32Array): void {
    const { stream } = this.ground
    const at = stream.samples.at(portion.at(-1) as number)
    const consumed = portion.map((number) => stream.item[number] as number)
    admitItems(this.learned.tables.item, stream.facts, consumed, at)
  }

  private accumulateItems(gradients: Readonly<Record<string, Float32Array>>): void {
    const { recipe } = this.ground
    const { kind } = this.variant
    const own = gradients['candidate.item'] as Float32Array
    if (kind === 'positives') own.fill(0, recipe.batch * this.learned.tables.item.dim)
    this.items.accumulate({ 'candidate.item': own })
    if (kind === 'history') this.users.accumulate(gradients)
  }

  private move(scale: number): void {
    const { kind } = this.variant
    const { recipe } = this.ground
    const { dense, tables } = this.learned
    const gradients = new Float32Array(dense.size)
    for (const { offset, length } of this.moving)
      gradients.set(dense.gradients.subarray(offset, offset + length), offset)
    dense.gradients.set(gradients)
    const names: readonly TableName[] =
      kind === 'whole' ? ['item', 'creator', 'category'] : kind === 'viewers' ? [] : ['item']
    stepTogether(
      { dense: this.moving.length > 0 ? [dense] : [], tables: names.map((name) => tables[name]) },
      { denseRate: recipe.denseRate * scale, tableRate: recipe.tableRate * scale, normMax: recipe.normMax },
    )
    for (const name of tableNames) tables[name].discard()
  }
}

function copiesOf(tables: RankingTables): RankingTables {
  const folder = fs.mkdtempSync(join(tmpdir(), 'sluice-bench-towers-'))
  const copied = tableNames.map((name): [TableName, EmbeddingTable] => {
    const path = join(folder, name)
    writeCheckpoint(tables[name], path)
    return [name, readCheckpoint(path)]
  })
  fs.rmSync(folder, { recursive: true })
  return Object.fromEntries(copied) as Record<TableName, EmbeddingTable>
}
