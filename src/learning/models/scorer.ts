import { SluiceError } from '../../foundation/base/index.ts'
import { type EmbeddingTable, type ModelUpdate, openDelta } from '../embeddings/index.ts'
import { emitModel, layoutOf, Session } from '../graph/index.ts'
import type { RankerArtifact, RankerManifest } from './artifact.ts'
import { calibrate } from './calibration.ts'
import { specDigest } from './feature-spec.ts'
import type { HeadScorer, ScoreRequest } from './head-scorer.ts'
import type { TowerConfig } from './layers/heads.ts'
import { buildRanker, type RankingModel } from './ranker.ts'
import { type RankerName, rankers } from './rankers.ts'
import type { FeedPort, RankingTables } from './ranking-feeds.ts'
import { emptyRows, type FullRows, type ItemFacts, type RankingRows, writeRequest } from './ranking-rows.ts'
import { ItemVectors, ServedFeeds } from './served-feeds.ts'

export interface ScorerOptions {
  readonly threads?: number
  /** Of the features that are served. */
  readonly featureDigest?: string
}

/**
 * Scores the candidates of one request with a trained model. Computes on the calling thread. One request at a time: calls
 * must be awaited one after the other.
 */
export class RankingScorer implements HeadScorer {
  readonly manifest: RankerManifest
  /** Number of the latest update taken; 0: none. */
  updates = 0
  private parts: readonly { readonly size: number; readonly session: Session; readonly feeds: ServedFeeds }[]
  private readonly items: ItemVectors
  private readonly tables: Readonly<Record<string, EmbeddingTable>>
  private readonly threads: number
  /** Columns. */
  private readonly width: number
  /** Do the sessions take the weights as inputs? Only then can they be exchanged. */
  private open = false
  private readonly rows: FullRows

  private constructor(
    manifest: RankerManifest,
    parts: RankingScorer['parts'],
    items: ItemVectors,
    tables: RankerArtifact['tables'],
    threads: number,
  ) {
    this.manifest = manifest
    this.parts = parts
    this.items = items
    this.tables = tables as RankingScorer['tables']
    this.threads = threads
    const { history, columns } = manifest.spec
    this.rows = emptyRows(1, Math.max(...parts.map(({ size }) => size)), history, 0)
    this.width = columns.length
  }

  /**
   * ERR_MODEL_INVALID when the parts of an artifact do not fit together; ERR_MODEL_FEATURES when it was trained on other
   * features than those served.
   */
  static async open(
    artifact: RankerArtifact,
    facts: ItemFacts,
    { threads = 1, featureDigest }: ScorerOptions = {},
  ): Promise<RankingScorer> {
    const { manifest, graphs, tables } = artifact
    const { name, spec, candidates } = manifest
    if (featureDigest !== undefined && featureDigest !== spec.featureDigest)
      throw new SluiceError('ERR_MODEL_FEATURES', [name, spec.featureDigest, featureDigest])
    if (specDigest(spec) !== manifest.specDigest)
      throw new SluiceError('ERR_MODEL_INVALID', [name, 'its specification is not the one it was trained with'])
    if (graphs.length !== candidates.length || graphs.length === 0)
      throw new SluiceError('ERR_MODEL_INVALID', [name, `${graphs.length} graphs for ${candidates.length} sizes`])
    for (const table of manifest.tables)
      if (!tables[table]) throw new SluiceError('ERR_MODEL_INVALID', [name, `the table "${table}" is missing`])
    const parts: RankingScorer['parts'][number][] = []
    const items = new ItemVectors(spec, tables as RankingTables, facts)
    for (const [i, size] of candidates.entries()) {
      const session = await Session.open(graphs[i], { threads, name })
      const ports = session.inputs as readonly FeedPort[] // shapes are static: the emitter writes no open axis
      parts.push({ size, session, feeds: new ServedFeeds(spec, ports, tables as RankingTables, facts, items) })
    }
    return new RankingScorer(manifest, parts, items, tables, threads)
  }

  /** [N x heads] calibrated probabilities (shares for heads that are shares). */
  async score(request: ScoreRequest): Promise<Float32Array> {
    const out = await this.logits(request)
    const { calibrations } = this.manifest
    for (let i = 0; i < out.length; i++) out[i] = calibrate(calibrations[i % calibrations.length], out[i])
    return out
  }

  /** [N x heads] */
  async logits(request: ScoreRequest): Promise<Float32Array> {
    const heads = this.manifest.spec.heads.length
    const n = request.candidates.length
    const out = new Float32Array(n * heads)
    writeRequest(this.rows, 0, request)
    this.rows.missing[0] = request.missing ?? 0
    for (let from = 0; from < n; ) {
      const { size, session, feeds } = this.partFor(n - from)
      const to = Math.min(n, from + size)
      const { logits } = await session.run(feeds.fill(this.rowsOf(request, from, to)))
      out.set((logits as Float32Array).subarray(0, (to - from) * heads), from * heads)
      from = to
    }
    return out
  }

  /**
   * Takes what online training learned since this version: wholly, between two requests, or not at all. An update that
   * was taken already changes nothing. Must be awaited like a request.
   * @throws SluiceError ERR_MODEL_INVALID for one of another version or network, ERR_EMBEDDINGS_INVALID
   */
  async update({ model, base, number, weights, deltas }: ModelUpdate): Promise<void> {
    if (number <= this.updates) return
    const { manifest, tables } = this
    const refuse = (why: string) => new SluiceError('ERR_MODEL_INVALID', [`update ${number} of ${model}/${base}`, why])
    if (model !== manifest.name) throw refuse(`${manifest.name} serves here`)
    const missing = manifest.tables.find((name) => deltas[name] === undefined)
    if (missing !== undefined) throw refuse(`it says nothing of the table "${missing}"`)
    const { layout } = this.graphOf(manifest.candidates[0] as number)
    if (weights.length !== layout.size) throw refuse(`it has ${weights.length} weights, not ${layout.size}`)
    const parts = this.open ? this.parts : await this.openSessions()
    try {
      const steps = manifest.tables.map((name) => openDelta(tables[name] as EmbeddingTable, deltas[name] as Uint8Array))
      for (const step of steps) step()
      this.items.forget()
    } catch (error) {
      if (!this.open) await closeAll(parts)
      throw error
    }
    for (const { session } of parts) session.bindParameters(layout, weights)
    const before = this.parts
    this.parts = parts
    this.updates = number
    if (!this.open) await closeAll(before)
    this.open = true
  }

  async close(): Promise<void> {
    await closeAll(this.parts)
  }

  /** Sessions that are fed with the weights, to take the place of those whose files hold them. */
  private async openSessions(): Promise<RankingScorer['parts']> {
    const { name } = this.manifest
    const parts: RankingScorer['parts'][number][] = []
    for (const { size, feeds } of this.parts) {
      const { g, logits } = this.graphOf(size)
      parts.push({
        size,
        feeds,
        session: await Session.open(emitModel(g, { logits }), { threads: this.threads, name }),
      })
    }
    return parts
  }

  private graphOf(candidates: number) {
    const { model, spec, network } = this.manifest
    const definition: RankingModel<TowerConfig> = rankers[model as RankerName]
    const { g, logits } = buildRanker(definition, spec, { requests: 1, candidates }, network)
    return { g, logits, layout: layoutOf(g) }
  }

  /** The smallest graph that takes so many, else the largest. */
  private partFor(count: number): RankingScorer['parts'][number] {
    return this.parts.find(({ size }) => size >= count) ?? (this.parts.at(-1) as RankingScorer['parts'][number])
  }

  /** The request with some of its candidates. */
  private rowsOf({ candidates, features }: ScoreRequest, from: number, to: number): RankingRows {
    const { rows, width } = this
    const impressions = to - from
    const item = rows.item.subarray(0, impressions)
    for (let i = from; i < to; i++) item[i - from] = candidates[i]
    return {
      ...rows,
      ...{ shape: { ...rows.shape, impressions }, item, position: rows.position.subarray(0, impressions) },
      features: features.subarray(from * width, to * width),
    }
  }
}

async function closeAll(parts: readonly { readonly session: Session }[]): Promise<void> {
  for (const { session } of parts) await session.close()
}
