import { SluiceError } from '../../foundation/base/index.ts'
import { factsOf, type ItemFacts, missingBits, type ScoreRequest } from '../../learning/models/index.ts'
import type { ModelUpdate } from '../../learning/embeddings/index.ts'
import type { Artifact, Expectation } from '../../learning/registry/index.ts'
import { type Candidates, missingGroups, type Query, type Scorer } from '../pipeline/index.ts'
import { HeadPredictions } from './head-predictions.ts'
import { type HeldRanker, holdRanker } from './held-ranker.ts'
import type { LiveModel } from './live-model.ts'
import { ownColumns } from './own-columns.ts'
import type { RankingGround } from './ranking-ground.ts'
import { rankingRequest } from './ranking-request.ts'
import { ShadowRanker } from './shadow-ranker.ts'

/**
 * A trained ranking model behind the contract of scorers: the viewer's history is encoded once, all candidates are scored in
 * one call, the heads' calibrated probabilities are weighed by what they are worth. It scores only while a version is
 * in use.
 *
 * What is said to be missing (the reading of the features) reaches the model as missing; a model whose columns are fewer than
 * all reads them itself, and so does one that is asked before anybody has read any.
 */
export class LearnedRanker implements Scorer, LiveModel {
  readonly model: string | undefined
  readonly expected: Expectation
  readonly shadow: ShadowRanker
  private readonly ground: RankingGround
  private readonly facts: ItemFacts
  private held: HeldRanker | undefined

  constructor(model: string | undefined, ground: RankingGround) {
    this.model = model
    this.ground = ground
    this.facts = factsOf(ground.state, ground.features.vectors)
    this.shadow = new ShadowRanker(ground, this.facts)
    this.expected = { featureDigest: ground.features.digest }
  }

  /** MODEL/VERSION in use, with +UPDATE when it has learned online since; or the model's name. */
  get name(): string {
    return this.held === undefined ? (this.model ?? 'none') : nameOf(this.held)
  }

  get version(): string | undefined {
    return this.held?.version
  }

  get ready(): boolean {
    return this.held !== undefined
  }

  async use(artifact: Artifact | undefined): Promise<void> {
    const before = this.held
    this.held = artifact === undefined ? undefined : await holdRanker(artifact, this.ground.features, this.facts)
    await before?.turns.over()
    await before?.scorer.close()
  }

  async learn(update: ModelUpdate): Promise<void> {
    const { held } = this
    if (held?.version === update.base) await held.turns.take(() => held.scorer.update(update))
  }

  /** @throws SluiceError ERR_MODEL_UNKNOWN when no version is in use, ERR_MODEL_RUN */
  async score(query: Query, candidates: Candidates, out: Float32Array): Promise<void> {
    const predictions = await this.predict(query, candidates)
    for (let i = 0; i < candidates.count; i++) out[i] = predictions.value(i)
    candidates.predictions = predictions
  }

  /** What the heads say of each candidate. */
  async predict(query: Query, candidates: Candidates): Promise<HeadPredictions> {
    const { held } = this
    if (!held) throw new SluiceError('ERR_MODEL_UNKNOWN', [this.name, 'no live version of it'])
    const request = this.requestOf(held, query, candidates)
    const probabilities = await held.turns.take(() => held.scorer.score(request))
    const { spec, learned } = held.scorer.manifest
    return new HeadPredictions(nameOf(held), { heads: spec.heads, learned }, probabilities, this.ground.values)
  }

  private requestOf(held: HeldRanker, query: Query, candidates: Candidates): ScoreRequest {
    const { spec } = held.scorer.manifest
    const { rows, reading } = candidates
    return {
      ...rankingRequest(this.ground, query, held, spec.history),
      candidates: rows,
      features:
        held.selection || candidates.features.length === 0 ? this.read(held, query, candidates) : candidates.features,
      missing: reading === undefined ? 0 : missingBits(spec, missingGroups(reading)),
    }
  }

  /** Reads columns of its own. Who reads all of them later need not read these again. */
  private read({ selection }: HeldRanker, query: Query, candidates: Candidates): Float32Array {
    const known = ownColumns(selection, this.ground.features, query, candidates)
    candidates.known = known
    return known.values
  }
}

const nameOf = ({ name, scorer: { updates } }: HeldRanker): string => (updates > 0 ? `${name}+${updates}` : name)
