import { Random } from '../../../foundation/base/index.ts'
import { type Dataset, HEADS, headCode } from '../../../stream/samples/index.ts'
import {
  applyDelta,
  DenseVector,
  deltaSince,
  type ModelUpdate,
  PADDING_ROW,
  revertTo,
  snapshotCopy,
  supersede,
} from '../../embeddings/index.ts'
import { layoutOf } from '../../graph/index.ts'
import { type ItemFacts, TwoTowerEncoder, type TwoTowerManifest, twoTowerTraining } from '../../models/index.ts'
import type { Learned } from '../checkpoints.ts'
import type { TwoTowerRecipe } from '../two-tower/index.ts'
import { finiteSince, LOSS_MARGIN, type Offer } from './offer.ts'
import { TowersHoldout } from './towers-holdout.ts'
import { type Consumption, type Living, TowersStep } from './towers-step.ts'
import type { Trainable } from './trainable.ts'

/** Steps for each portion of the stream. */
const STEPS = 2
/** The latest consumptions: they fill batches up, and say how often an item comes. */
const LATELY = 4096
/** Consumptions held out that a verdict needs. */
const HELD_LEAST = 50
const CLICK = headCode('click')

export interface OnlineTowersOptions {
  /** Learning rate of the embeddings in parts of the one they were trained with. Default 0.3. */
  readonly tableScale?: number
  readonly threads?: number
}

export interface TowersGround {
  readonly facts: ItemFacts
  readonly living: Living
}

/**
 * Two towers that go on learning while they serve elsewhere: the embeddings of the items that are consumed, and nothing
 * else. The weights of both towers stay as they are, so the vectors of all other items stay right. The stream is learned
 * from in portions of half a batch, each filled up with what came lately; what is left over waits. Equal samples give
 * equal bits, in whatever portions they come.
 */
export class OnlineTowers {
  readonly manifest: TwoTowerManifest
  readonly config: TwoTowerRecipe
  /** Consumptions learned from since it was opened. */
  examples = 0
  readonly learned: Learned
  private readonly ground: TowersGround
  private readonly rate: number
  private readonly step: TowersStep
  private readonly fresh: TwoTowerEncoder
  private readonly live: TwoTowerEncoder
  private readonly liveTable: Learned['tables']['item']
  private readonly holdout: TowersHoldout
  private base: string
  /** Version of the table as the base has it, from which every update leads on. */
  private since: number
  private waiting: Consumption[] = []
  private lately: Consumption[] = []
  private portions = 0
  private updates = 0
  /** Sum of the updates' changes of loss since the base, in parts of it. */
  private worse = 0
  private offered = 0
  /** Moment of the latest consumption that was learned from. */
  private latest = Number.NEGATIVE_INFINITY

  private constructor(
    base: string,
    parts: Pick<OnlineTowers, 'manifest' | 'config' | 'learned'>,
    ground: TowersGround,
    tableScale: number,
    made: { step: TowersStep; fresh: TwoTowerEncoder; live: TwoTowerEncoder; liveTable: Learned['tables']['item'] },
  ) {
    this.base = base
    this.manifest = parts.manifest
    this.config = parts.config
    this.learned = parts.learned
    this.ground = ground
    this.rate = parts.config.tableRate * tableScale
    this.step = made.step
    this.fresh = made.fresh
    this.live = made.live
    this.liveTable = made.liveTable
    this.holdout = new TowersHoldout(parts.config.seed)
    this.since = parts.learned.tables.item.version
  }

  /** `base`: the version that serves, whose files `trainable` was read from. */
  static async open(
    base: string,
    manifest: TwoTowerManifest,
    { config, tables, restore }: Trainable<TwoTowerRecipe>,
    ground: TowersGround,
    { tableScale = 0.3, threads = 1 }: OnlineTowersOptions = {},
  ): Promise<OnlineTowers> {
    const { spec } = manifest
    const { facts } = ground
    const layout = layoutOf(twoTowerTraining(spec, { requests: 1, candidates: 2, inBatch: true }, config.network).g)
    const optimiser = { kind: 'adam', weightDecay: config.weightDecay } as const
    const dense = new DenseVector(layout.size, { name: 'two-tower', optimiser })
    restore(dense)
    const { weights } = dense
    const liveTable = snapshotCopy(tables.item)
    const step = await TowersStep.open({ spec, recipe: config, tables, facts }, weights, threads)
    const encoder = (item: Learned['tables']['item']) =>
      TwoTowerEncoder.over(spec, config.network, { layout, weights }, { ...tables, item }, facts, threads)
    return new OnlineTowers(base, { manifest, config, learned: { dense, tables, layout } }, ground, tableScale, {
      ...{ step, liveTable, fresh: await encoder(tables.item), live: await encoder(liveTable) },
    })
  }

  /** What came before the base was trained: it fills batches up, and is not learned from. */
  remember(samples: Dataset): void {
    this.lately.push(...consumptionsOf(samples))
    if (this.lately.length > 2 * LATELY) this.lately = this.lately.slice(-LATELY)
  }

  /** Nothing is kept of a user who opted out or was erased. */
  forgetUser(user: number): void {
    const others = ({ request }: Consumption) => request.user !== user
    this.waiting = this.waiting.filter(others)
    this.lately = this.lately.filter(others)
    this.holdout.forgetUser(user)
  }

  /** Learns from samples, once each. */
  async take(samples: Dataset): Promise<void> {
    for (const one of consumptionsOf(samples)) if (!this.holdout.keeps(one)) this.waiting.push(one)
    const size = Math.max(1, Math.floor(this.config.batch / 2))
    let done = 0
    for (; done + size <= this.waiting.length; done += size) await this.learn(this.waiting.slice(done, done + size))
    this.waiting = this.waiting.slice(done)
  }

  succeed({ number, deltas }: ModelUpdate): void {
    const { item } = this.learned.tables
    if (deltas['item']) supersede(item, deltas['item'])
    applyDelta(this.liveTable, deltaSince(item, this.since))
    this.updates = number
  }

  /** Gives what was learned since the base as an update, unless it is worse than what is live. `at`: ms since 1970. */
  async offer(at: number): Promise<Offer> {
    if (this.examples === this.offered) return { kind: 'waiting', why: 'nothing was learned since the last update' }
    const held = this.holdout.size
    if (held < HELD_LEAST)
      return { kind: 'waiting', why: `${held} consumptions are held out, a verdict needs ${HELD_LEAST}` }
    this.offered = this.examples
    const { living } = this.ground
    const { temperature } = this.config.network
    const seed = `${this.config.seed}/verdict/${this.examples}`
    const loss = await this.holdout.loss(this.fresh, living, temperature, seed)
    const live = await this.holdout.loss(this.live, living, temperature, seed)
    const why = this.objection(loss, live, held)
    if (why !== undefined) {
      revertTo(this.learned.tables.item, this.liveTable, PADDING_ROW)
      return { kind: 'refused', why, loss, live }
    }
    this.worse += loss / live - 1
    const item = deltaSince(this.learned.tables.item, this.since)
    applyDelta(this.liveTable, item)
    const update = {
      ...{ model: this.manifest.name, base: this.base, number: ++this.updates, at },
      ...{ weights: new Float32Array(0), deltas: { item } },
    }
    return { kind: 'update', update, loss, live }
  }

  /**
   * Takes the embeddings of items that nobody consumed for longer than an age, before the latest consumption: the stream
   * tells the time. Call it after an update and before that state is registered. Gives how many went.
   */
  forget(ageMs: number): number {
    const { item } = this.learned.tables
    const gone = item.evict(this.latest - ageMs)
    applyDelta(this.liveTable, deltaSince(item, this.liveTable.version))
    return gone
  }

  /** What was learned is registered as a version of its own: from now on updates lead on from that. Call it after an update. */
  rebase(version: string): void {
    this.base = version
    this.since = this.learned.tables.item.version
    this.updates = 0
    this.worse = 0
  }

  async close(): Promise<void> {
    for (const one of [this.step, this.fresh, this.live]) await one.close()
  }

  private async learn(portion: readonly Consumption[]): Promise<void> {
    this.lately = [...this.lately, ...portion].slice(-LATELY)
    const counts = new Map<number, number>()
    for (const { item } of this.lately) counts.set(item, (counts.get(item) ?? 0) + 1)
    const at = portion.reduce((latest, { request }) => Math.max(latest, request.at), 0)
    this.portions++
    this.step.admit(
      portion.map(({ item }) => item),
      at,
    )
    for (let step = 0; step < STEPS; step++) {
      const seed = `${this.config.seed}/online/${this.portions}/${step}`
      const random = new Random(`${seed}/lately`)
      const more = Array.from({ length: this.config.batch - portion.length }, () => random.pick(this.lately))
      await this.step.learn([...portion, ...more], counts, this.ground.living, { rate: this.rate, seed })
    }
    this.examples += portion.length
    this.latest = Math.max(this.latest, at)
  }

  private objection(loss: number, live: number, held: number): string | undefined {
    if (!finiteSince(this.learned.tables.item, this.liveTable.version)) return 'an embedding of item is not finite'
    if (!Number.isFinite(loss)) return `its loss on ${held} held-out consumptions is ${loss}`
    if (loss > live * (1 + LOSS_MARGIN - Math.max(0, this.worse)))
      return `its loss on ${held} held-out consumptions is ${loss.toFixed(5)}, the live one's ${live.toFixed(5)}`
    return undefined
  }
}

function* consumptionsOf(samples: Dataset): Generator<Consumption> {
  for (const { user, at, surface, history, items, labels, known } of samples)
    for (const [i, item] of items.entries())
      if ((known[i] & (1 << CLICK)) !== 0 && labels[i * HEADS + CLICK] >= 0.5)
        yield { item, request: { user, at, surface, history } }
}
