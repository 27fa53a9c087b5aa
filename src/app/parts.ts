import type { Clock } from '../foundation/base/index.ts'
import { type Config, Kinds, planned, profileOf } from '../domain/index.ts'
import { State } from '../stream/catalog/index.ts'
import { Features } from '../stream/features/index.ts'
import { createFilters } from '../serving/filters/index.ts'
import { Pipeline, type Filter, type ItemFacts, ScoreCache, type Source } from '../serving/pipeline/index.ts'
import { bootstrapCoarse, bootstrapFine, liveOr } from '../serving/ranking/index.ts'
import { embedded, embeddedReader, type MakeOnline, type OnlineFeatures } from '../serving/features/index.ts'
import {
  type IndexHome,
  LearnedRanker,
  type LiveModel,
  type RankingGround,
  SEQUENCE,
  SequenceSource,
  TWO_TOWER,
  TwoTowerSource,
} from '../serving/inference/index.ts'
import { createReranker } from '../serving/rerank/index.ts'
import { createSources, Portfolio, type Indexes } from '../serving/retrieval/index.ts'
import { IndexLives } from './learn/index-lives.ts'
import { Cursors } from './serve/cursor.ts'
import { createLadder, type Ladder } from './serve/ladder.ts'
import { Sentences } from './serve/sentences.ts'

/** Everything one server is made of, wired: state, features, sources, filters, ranker, rerank, pipeline. */
export interface Parts {
  readonly config: Config
  readonly clock: Clock
  readonly state: State
  readonly features: Features
  readonly online: OnlineFeatures
  readonly histories: Features['histories']
  readonly sources: Readonly<Record<string, Source>>
  readonly indexes: Indexes
  readonly sequence: SequenceSource
  /** Of the sources that search vectors. */
  readonly vectorIndexes: IndexLives
  /** Sources that answer by a trained model. */
  readonly retrievers: readonly [SequenceSource, TwoTowerSource]
  readonly filters: readonly Filter[]
  /** Trained ranking models by the place they take. */
  readonly rankers: Readonly<Record<RankingPlace, LearnedRanker>>
  /** Everything that takes the live version of a registered model. */
  readonly models: readonly LiveModel[]
  readonly facts: ItemFacts
  readonly pipeline: Pipeline
  readonly ladder: Ladder
  readonly portfolio: Portfolio
  readonly cursors: Cursors
  readonly sentences: Sentences
  /** Builds, in one go, what is built from the whole state. */
  build(onProgress?: (done: number, total: number) => void): void
}

/** Sources with slots of their own on the slate. */
export const RESERVED: readonly string[] = ['pins', 'fresh']

/**
 * Wires the parts over an empty state. `secret` signs cursors; `makeOnline`: where online features are read from; `homeOf`:
 * where a source has its vector indexes from, when it is not this thread that keeps them.
 */
export function createParts(
  given: Config,
  clock: Clock,
  secret: Buffer = Buffer.from('unsigned'),
  makeOnline: MakeOnline = embedded,
  homeOf?: (source: string) => IndexHome,
): Parts {
  const config = planned(given)
  const state = new State(new Kinds(config.events.kinds))
  const features = new Features(state, config.ranking, Object.keys(config.surfaces))
  const { histories } = features
  const { sources: folded, indexes } = createSources({ state, features, config: config.retrieval })
  const online = makeOnline(state, features)
  const profile = profileOf(config)
  const vectorIndexes = new IndexLives(clock)
  const home = homeOf ?? ((source: string) => vectorIndexes.homeOf(source))
  const filters = createFilters(state, histories, config.policy)
  const sequence = new SequenceSource(state, histories, home(SEQUENCE), filters)
  const towers = new TwoTowerSource({ state, histories, vectors: features.vectors, home: home(TWO_TOWER), filters })
  const retrievers = [sequence, towers] as const
  const sources = { ...folded, [sequence.name]: sequence, [towers.name]: towers }
  const facts = factsOf(state, features, indexes)
  const rankers = createRankers(config, { state, features, values: config.objective.values })
  const simple = bootstrapFine(config, features.names)
  const coarseSimple = bootstrapCoarse(config, (row) => features.itemPopularity(row))
  const lean = liveOr(rankers.coarse, liveOr(rankers.degraded, simple)) // the cheaper models in place of the fine one
  const ladder = createLadder(config, clock, { state, features, indexes })
  const versions = () => {
    const retrieving = [sequence.version, towers.version, ...Object.values(vectorIndexes.versions())]
    return [...retrieving, ...Object.values(rankers).map(({ name }) => name)].join()
  }
  const pipeline = new Pipeline({
    ...ladder.guarded({
      sources,
      coarse: liveOr(rankers.coarse, coarseSimple),
      features: profile.features === 'colocated' ? embeddedReader(features) : online.reader,
      fine: profile.ranker === 'distilled' ? lean : liveOr(rankers.fine, simple),
      degraded: rankers.degraded,
    }),
    coarseSimple,
    simple,
    filters,
    reranker: createReranker(facts),
    reserved: RESERVED,
    scores: new ScoreCache({ ...config.ranking.scoreCache, versions }, clock),
    clock,
  })
  const portfolio = new Portfolio()
  const cursors = new Cursors(secret)
  const likeness = (a: number, b: number) => indexes.covisit.likeness(a, b)
  const sentences = new Sentences({ state, histories, likeness, say: config.sentences })
  const build = (onProgress?: (done: number, total: number) => void) => {
    indexes.slim.build(clock.now(), ({ done, total }) => onProgress?.(done, total))
  }
  const models = [...retrievers, ...Object.values(rankers)]
  const ranked = { online, retrievers, rankers, models, vectorIndexes, filters, facts, pipeline, ladder, portfolio }
  return { config, clock, state, features, histories, sources, indexes, sequence, ...ranked, cursors, sentences, build }
}

export type RankingPlace = 'coarse' | 'fine' | 'degraded'
/** In the configuration: nothing trained takes this place. */
export const BOOTSTRAP = 'bootstrap'

function createRankers({ ranking }: Config, ground: RankingGround): Record<RankingPlace, LearnedRanker> {
  const place = (model: string) => new LearnedRanker(model === BOOTSTRAP ? undefined : model, ground)
  return { coarse: place(ranking.coarse), fine: place(ranking.fine), degraded: place(ranking.degraded) }
}

function factsOf(state: State, features: Features, indexes: Indexes): ItemFacts {
  return {
    creatorOf: (row) => state.items.creator.array[row],
    categoriesOf: (row) => state.items.categoriesOf.view(row),
    similarity: (a, b) => features.vectors.similarity(a, b),
    similarities: (row, others, out) => features.vectors.similarities(row, others, out),
    fresh: (row, at) => indexes.fresh.isFresh(row, at),
  }
}
