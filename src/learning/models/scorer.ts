import { SluiceError } from '../../foundation/base/index.ts'
import { Session } from '../graph/index.ts'
import type { RankerArtifact, RankerManifest } from './artifact.ts'
import { calibrate } from './calibration.ts'
import { specDigest } from './feature-spec.ts'
import { type FeedPort, RankingFeeds, type RankingTables } from './ranking-feeds.ts'
import { emptyRows, type FullRows, type ItemFacts, type RequestFacts, writeRequest } from './ranking-rows.ts'

/** One request with its candidates, in rows of users and items. N candidates. */
export interface ScoreRequest extends RequestFacts {
  /** [N] */
  readonly candidates: ArrayLike<number>
  /** [N x columns] as the features give them. */
  readonly features: Float32Array
  /** Bits of the groups of features that are missing: see `missingBits`. Default none. */
  readonly missing?: number
}

export interface ScorerOptions {
  readonly threads?: number
  /** Of the features that are served. */
  readonly featureDigest?: string
}

/**
 * Scores the candidates of one request with a trained model. Computes on the calling thread. One request at a time: calls
 * must be awaited one after the other.
 */
export class RankingScorer {
  readonly manifest: RankerManifest
  private readonly parts: readonly { readonly size: number; readonly session: Session; readonly feeds: RankingFeeds }[]
  private readonly rows: readonly FullRows[]

  private constructor(manifest: RankerManifest, parts: RankingScorer['parts']) {
    this.manifest = manifest
    this.parts = parts
    const { history, columns } = manifest.spec
    this.rows = parts.map(({ size }) => emptyRows(1, size, history, columns.length))
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
    for (const [i, size] of candidates.entries()) {
      const session = await Session.open(graphs[i], { threads, name })
      const ports = session.inputs as readonly FeedPort[] // shapes are static: the emitter writes no open axis
      parts.push({ size, session, feeds: new RankingFeeds(spec, ports, tables as RankingTables, facts) })
    }
    return new RankingScorer(manifest, parts)
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
    for (let from = 0; from < n; ) {
      const which = this.partFor(n - from)
      const { size, session, feeds } = this.parts[which]
      const to = Math.min(n, from + size)
      this.fill(this.rows[which], request, from, to)
      const { logits } = await session.run(feeds.fill(this.rows[which]))
      out.set((logits as Float32Array).subarray(0, (to - from) * heads), from * heads)
      from = to
    }
    return out
  }

  async close(): Promise<void> {
    for (const { session } of this.parts) await session.close()
  }

  /** The smallest graph that takes so many, else the largest. */
  private partFor(count: number): number {
    const found = this.parts.findIndex(({ size }) => size >= count)
    return found < 0 ? this.parts.length - 1 : found
  }

  private fill(rows: FullRows, request: ScoreRequest, from: number, to: number): void {
    writeRequest(rows, 0, request)
    const width = this.manifest.spec.columns.length
    rows.item.fill(-1)
    rows.features.fill(0)
    for (let i = from; i < to; i++) rows.item[i - from] = request.candidates[i]
    rows.features.set(request.features.subarray(from * width, to * width))
    rows.missing[0] = request.missing ?? 0
  }
}
