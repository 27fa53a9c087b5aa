import { batchesOf, type Dataset } from '../../../stream/samples/index.ts'
import {
  applyDelta,
  DenseVector,
  deltaSince,
  type ModelUpdate,
  revertTo,
  snapshotCopy,
  supersede,
} from '../../embeddings/index.ts'
import type { ItemFacts, RankerManifest, RankingTables, TableName } from '../../models/index.ts'
import type { Learned } from '../checkpoints.ts'
import { Predictor, type RankingConfig, RankingLearner, weighing } from '../ranking/index.ts'
import { Holdout } from './holdout.ts'
import { finiteSince, LOSS_MARGIN, type Offer } from './offer.ts'
import type { Trainable } from './trainable.ts'

/** Held-out impressions that a verdict needs. */
export const HOLDOUT_LEAST = 100

export interface OnlineOptions {
  /**
   * Learning rate of the dense weights, in parts of the one it was trained with. Default 0.02, a fifth of that of its last
   * step: with more, single batches undo what the falling rate of the training had settled.
   */
  readonly denseScale?: number
  /** The same of the embeddings. Default 0.3: Adagrad slows down those of frequent ids by itself. */
  readonly tableScale?: number
  readonly threads?: number
}

/**
 * A ranking model that goes on learning while it serves elsewhere. Every request is learned from once, but for some that
 * are held out. `offer` holds what was learned against what is live, on those, and gives the update for serving; what
 * makes it worse is refused and taken back. Equal samples in equal portions give equal bits.
 */
export class OnlineRanker {
  readonly manifest: RankerManifest
  readonly config: RankingConfig
  /** Impressions learned from since it was opened. */
  examples = 0
  /** The version that updates lead on from. */
  private base: string
  private readonly learner: RankingLearner
  private readonly fresh: Predictor
  private readonly live: Predictor
  private readonly liveState: Learned
  /** Versions of the tables as the base has them, from which every update leads on. */
  private versions: ReadonlyMap<TableName, number>
  private readonly holdout: Holdout
  private readonly scales: { readonly dense: number; readonly table: number }
  private steps: number
  private updates = 0
  /** Sum of the updates' changes of loss since the base, in parts of it. */
  private worse = 0
  private offered = 0
  /** Moment of the latest request learned from since it was opened. */
  private latest = Number.NEGATIVE_INFINITY

  private constructor(
    parts: Pick<OnlineRanker, 'manifest' | 'config'> & { base: string; options: OnlineOptions },
    learner: RankingLearner,
    liveState: Learned,
    fresh: Predictor,
    live: Predictor,
  ) {
    this.manifest = parts.manifest
    this.config = parts.config
    this.base = parts.base
    this.scales = { dense: parts.options.denseScale ?? 0.02, table: parts.options.tableScale ?? 0.3 }
    this.learner = learner
    this.liveState = liveState
    this.fresh = fresh
    this.live = live
    this.versions = this.versionsNow()
    this.holdout = new Holdout(this.config.seed)
    this.steps = learner.learned.dense.steps
  }

  /** `base`: the version that serves, whose files `trainable` was read from. */
  static async open(
    base: string,
    manifest: RankerManifest,
    { config, tables, restore }: Trainable,
    facts: ItemFacts,
    options: OnlineOptions = {},
  ): Promise<OnlineRanker> {
    const { threads = 1 } = options
    const { spec } = manifest
    const learner = await RankingLearner.open(spec, config, facts, { threads, tables })
    const { learned } = learner
    restore(learned.dense)
    const liveState: Learned = {
      layout: learned.layout,
      dense: denseCopy(learned.dense),
      tables: copies(manifest, tables),
    }
    const fresh = await Predictor.open(spec, config, learned, facts, threads)
    const live = await Predictor.open(spec, config, liveState, facts, threads)
    return new OnlineRanker({ manifest, config, base, options }, learner, liveState, fresh, live)
  }

  /** What was learned so far, to be registered. */
  get learned(): Learned {
    return this.learner.learned
  }

  /**
   * Learns from samples, once, weighed as in training but for the cap of a viewer: it is one over all requests, and of a
   * stream only the latest are at hand. Gives the mean loss before each batch was learned, by head; NaN when none was.
   */
  async take(samples: Dataset): Promise<Float64Array> {
    const requestNumbers = this.holdout.take(samples)
    const { requests, impressions, history } = this.config
    const sums = new Float64Array(this.manifest.spec.heads.length)
    const weigh = weighing(this.config, samples)
    let batches = 0
    for (const batch of batchesOf(samples, {
      ...{ requests, impressions, history, requestNumbers },
      ...(weigh && { weigh }),
    })) {
      const { losses } = await this.learner.learn(batch, ++this.steps, this.scales.dense, this.scales.table)
      for (const [head, loss] of losses.entries()) sums[head] += loss
      for (const item of batch.item) if (item >= 0) this.examples++
      for (const at of batch.at) this.latest = Math.max(this.latest, at)
      batches++
    }
    return sums.map((sum) => sum / batches)
  }

  succeed({ number, deltas }: ModelUpdate): void {
    for (const [name, version] of this.versions) {
      const table = this.learned.tables[name]
      if (deltas[name]) supersede(table, deltas[name])
      applyDelta(this.liveState.tables[name], deltaSince(table, version))
    }
    this.updates = number
  }

  /** Gives what was learned since the base as an update, unless it is worse than what is live. `at`: ms since 1970. */
  async offer(at: number): Promise<Offer> {
    if (this.examples === this.offered) return { kind: 'waiting', why: 'nothing was learned since the last update' }
    const held = this.holdout.impressions
    if (held < HOLDOUT_LEAST)
      return { kind: 'waiting', why: `${held} impressions are held out, a verdict needs ${HOLDOUT_LEAST}` }
    this.offered = this.examples
    const { calibrations, spec, learned } = this.manifest
    const weights = spec.heads.map((head) => (learned.includes(head) ? (this.config.headWeights[head] ?? 0) : 0))
    const loss = await this.holdout.loss(this.fresh, calibrations, weights)
    const live = await this.holdout.loss(this.live, calibrations, weights)
    const why = this.objection(loss, live, held)
    if (why !== undefined) {
      this.revert()
      return { kind: 'refused', why, loss, live }
    }
    this.worse += loss / live - 1
    return { kind: 'update', update: this.publish(at), loss, live }
  }

  /**
   * Takes the embeddings of ids that no request showed for longer than an age, before the latest one learned from: the
   * stream tells the time, so equal samples forget equally. They read the row of the rare until they are frequent again.
   * Call it after an update and before that state is registered: a version carries it to serving. Gives how many went.
   */
  forget(ageMs: number): number {
    let gone = 0
    for (const name of this.versions.keys()) {
      const [table, live] = [this.learned.tables[name], this.liveState.tables[name]]
      gone += table.evict(this.latest - ageMs)
      applyDelta(live, deltaSince(table, live.version))
    }
    return gone
  }

  /** What was learned is registered as a version of its own: from now on updates lead on from that. Call it after an update. */
  rebase(version: string): void {
    this.base = version
    this.versions = this.versionsNow()
    this.updates = 0
    this.worse = 0
  }

  async close(): Promise<void> {
    await this.learner.close()
    await this.fresh.close()
    await this.live.close()
  }

  private versionsNow(): ReadonlyMap<TableName, number> {
    return new Map(this.manifest.tables.map((name) => [name, this.learned.tables[name].version]))
  }

  private objection(loss: number, live: number, held: number): string | undefined {
    const { dense, tables } = this.learned
    if (!dense.weights.every(Number.isFinite)) return 'a dense weight is not finite'
    for (const name of this.versions.keys())
      if (!finiteSince(tables[name], this.liveState.tables[name].version))
        return `an embedding of ${name} is not finite`
    if (!Number.isFinite(loss)) return `its loss on ${held} held-out impressions is ${loss}`
    const limit = live * (1 + LOSS_MARGIN - Math.max(0, this.worse))
    if (loss > limit)
      return `its loss on ${held} held-out impressions is ${loss.toFixed(5)}, the live one's ${live.toFixed(5)}`
    return undefined
  }

  private publish(at: number): ModelUpdate {
    const { dense, tables } = this.learned
    const deltas: Record<string, Uint8Array> = {}
    for (const [name, version] of this.versions) {
      const delta = deltaSince(tables[name], version)
      applyDelta(this.liveState.tables[name], delta)
      deltas[name] = delta
    }
    copyDense(dense, this.liveState.dense)
    const { name: model } = this.manifest
    return { model, base: this.base, number: ++this.updates, at, weights: dense.weights.slice(), deltas }
  }

  /** Back to what is live, as if nothing had been learned since. */
  private revert(): void {
    copyDense(this.liveState.dense, this.learned.dense)
    for (const name of this.versions.keys()) revertTo(this.learned.tables[name], this.liveState.tables[name])
  }
}

function copies({ tables: names }: RankerManifest, tables: RankingTables): RankingTables {
  const copied = Object.fromEntries(names.map((name) => [name, snapshotCopy(tables[name])]))
  return { ...tables, ...copied } // those that the model does not read are never asked
}

function denseCopy(from: DenseVector): DenseVector {
  const copy = new DenseVector(from.size, { name: from.name, optimiser: from.optimiser })
  copyDense(from, copy)
  return copy
}

function copyDense(from: DenseVector, to: DenseVector): void {
  to.weights.set(from.weights)
  for (const [i, state] of from.state.entries()) to.state[i]?.set(state)
  to.steps = from.steps
}
