import { Column } from '../../foundation/base/index.ts'
import { type BootstrapOptions, bootstrapMeans, pairedDifference } from './bootstrap.ts'
import type { Estimate } from './contract.ts'
import { coverage } from './coverage.ts'
import { gini } from './gini.ts'
import { intraListDiversity } from './intra-list-diversity.ts'
import { type Key, judge } from './judge.ts'
import { novelty } from './novelty.ts'
import { type ListMetricName, listMetrics } from './tables.ts'

export interface EvaluationOptions<Id extends Key> extends BootstrapOptions {
  /** Items that could have been listed. */
  readonly catalogue: number
  readonly ks?: readonly number[]
  readonly metrics?: readonly ListMetricName[]
  /** Cut of the metrics of the lists themselves: coverage, gini, ild, novelty. */
  readonly listK?: number
  /** Cosine of two items; without it no ild. */
  readonly similarity?: (a: Id, b: Id) => number
  /** Users who consumed an item before the test period, of how many; without it no novelty. */
  readonly popularity?: { readonly consumers: (id: Id) => number; readonly users: number }
}

export interface EvaluationSummary {
  /** Users that were judged. */
  readonly n: number
  /** Users who wanted nothing: left out of every figure. */
  readonly skipped: number
  /** By `name@k`. A metric that is defined for no user is left out. */
  readonly metrics: Readonly<Record<string, Estimate>>
}

/**
 * Collects users' lists and sums them up: means over users, with user bootstrap intervals. Two evaluations that were
 * given the same users in the same order may be compared with `difference`. Cost: 8 bytes per user and figure.
 */
export class RankingEvaluation<Id extends Key> {
  private readonly options: EvaluationOptions<Id>
  private readonly ks: readonly number[]
  private readonly names: readonly ListMetricName[]
  private readonly listK: number
  private readonly columns: readonly string[]
  private readonly table: Column<Float64Array>
  private readonly exposures = new Map<Id, number>()
  private n = 0
  private skipped = 0

  constructor(options: EvaluationOptions<Id>) {
    const { ks = [1, 5, 10, 20, 50, 100], metrics = ['recall', 'ndcg', 'hr', 'mrr', 'map'], listK = 10 } = options
    this.options = options
    this.ks = ks
    this.names = metrics
    this.listK = listK
    this.columns = [...metrics.flatMap((name) => ks.map((k) => `${name}@${k}`)), `ild@${listK}`, `novelty@${listK}`]
    this.table = new Column(Float64Array, { width: this.columns.length })
  }

  /** One user: the list, best first (of duplicates the first counts), and what was wanted, with gains if graded. */
  add(ranked: Iterable<Id>, relevant: ReadonlySet<Id> | ReadonlyMap<Id, number>): void {
    const list = [...new Set(ranked)]
    const judged = judge(list, relevant)
    if (judged.ideal.length === 0) {
      this.skipped++
      return
    }
    const row = this.n++
    this.table.ensure(row)
    let at = row * this.columns.length
    for (const name of this.names) {
      for (const k of this.ks) this.table.array[at++] = listMetrics[name].at(judged, k) ?? Number.NaN
    }
    const { similarity, popularity } = this.options
    const ild = similarity ? intraListDiversity(list, this.listK, similarity) : null
    const miuf = popularity ? novelty(list, this.listK, popularity.consumers, popularity.users) : null
    this.table.array[at++] = ild ?? Number.NaN
    this.table.array[at] = miuf ?? Number.NaN
    for (const id of list.slice(0, this.listK)) this.exposures.set(id, (this.exposures.get(id) ?? 0) + 1)
  }

  summary(): EvaluationSummary {
    const width = this.columns.length
    const estimates = bootstrapMeans(this.table.array.subarray(0, this.n * width), width, this.options)
    const metrics: Record<string, Estimate> = {}
    for (const [i, name] of this.columns.entries()) {
      const estimate = estimates[i]
      if (estimate) metrics[name] = estimate
    }
    // Figures of all lists together: resampled users list fewer different items, so no interval is claimed.
    const covered = this.n === 0 ? null : coverage(this.exposures.values(), this.options.catalogue)
    const uneven = gini(this.exposures.values(), this.options.catalogue)
    if (covered !== null) metrics[`coverage@${this.listK}`] = { value: covered, low: null, high: null }
    if (uneven !== null) metrics[`gini@${this.listK}`] = { value: uneven, low: null, high: null }
    return { n: this.n, skipped: this.skipped, metrics }
  }

  /** One figure per judged user, in the order they were added; NaN where it is undefined. */
  values(name: string): Float64Array {
    const column = this.columns.indexOf(name)
    if (column < 0) throw new RangeError(`Cannot give "${name}": measured are ${this.columns.join(', ')}`)
    const width = this.columns.length
    return Float64Array.from({ length: this.n }, (_, user) => this.table.array[user * width + column])
  }

  /** Mean of this minus `other` over the same users; null when it is defined for none. */
  difference(other: RankingEvaluation<Id>, name: string): Estimate | null {
    return pairedDifference(this.values(name), other.values(name), this.options)
  }
}
