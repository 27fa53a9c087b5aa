import { Random } from '../../foundation/base/index.ts'
import type { Metrics } from '../../foundation/telemetry/index.ts'
import type { DriftReference } from '../../judging/drift/index.ts'
import type { ItemFacts, OutcomeFacts, QueryFacts } from '../pipeline/index.ts'
import { Concentration } from './concentration.ts'
import { Drift } from './drift.ts'

/** Diversity is measured on one slate in so many: it takes a comparison of every pair. */
const DIVERSITY_EVERY = 16
/** Weight of one measured slate in the mean of the latest. */
const DIVERSITY_WEIGHT = 0.05
/** The fine score is watched like a feature, under this name. */
export const SCORE = 'fine.score'

type Seen = Pick<OutcomeFacts, 'ranked' | 'picks'>

export interface WatchParts {
  readonly facts: Pick<ItemFacts, 'creatorOf' | 'similarity'>
  readonly featureNames: readonly string[]
  /** Those that rise and fall within the day: no drift is told of them. */
  readonly daily?: ReadonlySet<string>
  /** How many creators there are. */
  creators(): number
  readonly metrics: Metrics
}

/**
 * Watches the slates go by: does what is shown drift, is it diverse, do few creators have it all? A slate costs it a
 * microsecond or two; the rest is done in small pieces by `step`, which the owner calls about once a second.
 */
export class Watch {
  private readonly parts: WatchParts
  private readonly drift: Drift
  private readonly concentration = new Concentration()
  private readonly diversity = new Map<string, number>()
  private readonly random = new Random('watch')
  private slates = 0

  constructor(parts: WatchParts) {
    this.parts = parts
    this.drift = new Drift([...parts.featureNames, SCORE], new Random('watch reference'), parts.daily)
  }

  observe(query: Pick<QueryFacts, 'surface'>, { ranked, picks }: Seen): void {
    if (picks.length === 0) return
    for (const pick of picks) this.concentration.add(this.parts.facts.creatorOf(ranked.rows[pick.index]))
    const width = this.parts.featureNames.length
    if (ranked.features.length === ranked.count * width) {
      const { index } = picks[this.random.int(picks.length)] as OutcomeFacts['picks'][number]
      this.drift.add((row) => {
        row.set(ranked.features.subarray(index * width, (index + 1) * width))
        row[width] = ranked.scores[index]
      })
    }
    if (this.slates++ % DIVERSITY_EVERY === 0 && picks.length > 1)
      this.measureDiversity(
        query.surface,
        picks.map(({ index }) => ranked.rows[index]),
      )
  }

  /** One piece of the slow work: a column's drift, and what is told with it. True when there is a new reference to keep. */
  step(at: number): boolean {
    const { metrics, creators } = this.parts
    for (const { name, against, psi } of this.drift.next())
      if (name !== SCORE) metrics.featureDrift(name, against, psi)
      else if (against === 'day') metrics.scoreDrift(psi)
    this.concentration.rotate(at)
    const gini = this.concentration.gini(creators())
    if (gini !== null) metrics.creatorGini(gini)
    return this.drift.rotate(at)
  }

  /** See `Drift`. */
  get reference(): DriftReference | undefined {
    return this.drift.own
  }
  restore(reference: DriftReference): void {
    this.drift.restore(reference)
  }
  learnt(reference: DriftReference | undefined): void {
    this.drift.learnt(reference)
  }

  private measureDiversity(surface: string, rows: readonly number[]): void {
    let distance = 0
    for (let i = 1; i < rows.length; i++)
      for (let j = 0; j < i; j++) distance += 1 - this.parts.facts.similarity(rows[i] as number, rows[j] as number)
    const here = distance / ((rows.length * (rows.length - 1)) / 2)
    const before = this.diversity.get(surface) ?? here
    const mean = before + DIVERSITY_WEIGHT * (here - before)
    this.diversity.set(surface, mean)
    this.parts.metrics.diversity(surface, mean)
  }
}
