import { SluiceError } from '../../foundation/base/index.ts'
import { type ItemFacts, missingBits } from '../../learning/models/index.ts'
import type { Artifact } from '../../learning/registry/index.ts'
import { type Candidates, missingGroups, type Query } from '../pipeline/index.ts'
import { HeadPredictions } from './head-predictions.ts'
import { type HeldRanker, holdRanker } from './held-ranker.ts'
import { ownColumns } from './own-columns.ts'
import type { RankingGround } from './ranking-ground.ts'
import type { ShadowVersion } from './live-model.ts'
import { rankingRequest } from './ranking-request.ts'

/**
 * A version of a ranking model that is asked what the live one was asked: the same candidates, with the features that the
 * live one was given. It takes nothing that is learned online, and answers nobody.
 */
export class ShadowRanker implements ShadowVersion {
  private readonly ground: RankingGround
  private readonly facts: ItemFacts
  private held: HeldRanker | undefined

  constructor(ground: RankingGround, facts: ItemFacts) {
    this.ground = ground
    this.facts = facts
  }

  get version(): string | undefined {
    return this.held?.version
  }

  async use(artifact: Artifact | undefined): Promise<void> {
    const next = artifact && (await holdRanker(artifact, this.ground.features, this.facts))
    const before = this.held
    this.held = next
    await before?.turns.over()
    await before?.scorer.close()
  }

  /**
   * What its heads say of candidates that were ranked, as they lie. Features that could not be read are missing for it too; of
   * candidates for which nobody was to read all of them, as the coarse rank cuts, it takes what that read, and reads what is wanting.
   * @throws SluiceError ERR_MODEL_UNKNOWN when no version is in use, ERR_MODEL_RUN
   */
  async predict(query: Query, ranked: Candidates): Promise<HeadPredictions> {
    const { held } = this
    if (!held) throw new SluiceError('ERR_MODEL_UNKNOWN', ['of the shadow', 'none in it'])
    const { spec, learned } = held.scorer.manifest
    const { rows, reading } = ranked
    const request = {
      ...rankingRequest(this.ground, query, held, spec.history),
      candidates: rows,
      features: ranked.reading === undefined ? this.ownOf(held, query, ranked) : this.featuresOf(held, ranked),
      missing: reading === undefined ? 0 : missingBits(spec, missingGroups(reading)),
    }
    const probabilities = await held.turns.take(() => held.scorer.score(request))
    return new HeadPredictions(held.name, { heads: spec.heads, learned }, probabilities, this.ground.values)
  }

  private ownOf({ selection }: HeldRanker, query: Query, candidates: Candidates): Float32Array {
    return ownColumns(selection, this.ground.features, query, candidates).values
  }

  /** Of the columns that were read, those it reads; neutral ones where none was. */
  private featuresOf({ selection }: HeldRanker, { count, features }: Candidates): Float32Array {
    const { names } = this.ground.features
    const all = features.length > 0 ? features : new Float32Array(count * names.length)
    if (!selection) return all
    const places = selection.names.map((name) => this.ground.features.index(name))
    const chosen = new Float32Array(count * places.length)
    for (let i = 0, to = 0; i < count; i++) for (const place of places) chosen[to++] = all[i * names.length + place]
    return chosen
  }
}
