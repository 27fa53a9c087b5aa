import type { Config } from '../../domain/index.ts'
import type { Progress } from '../engine.ts'

export type Protocol = 'leave-one-out' | 'time-split'

export interface EvaluateOptions {
  readonly data: string
  readonly config: Config
  readonly protocol: Protocol
  /** Most users judged, drawn by the seed; 0 for all. */
  readonly usersMax?: number
  readonly seed?: string
  /** Share of the events, by time, that are known; the rest is the future. Time split only. Default 0.9. */
  readonly knownShare?: number
  /** Surface whose recipe is judged. Default `home`. */
  readonly surface?: string
  /** Judge the spine with the balance that fits the known part too. Time split only. Default false. */
  readonly balance?: boolean
  readonly onProgress?: (progress: Progress) => void
}

export interface MetricValue {
  readonly value: number
  /** Ends of the 95 % bootstrap interval over users; null where no honest interval exists (coverage, gini). */
  readonly low: number | null
  readonly high: number | null
}

export interface Balance {
  /** The weight that was chosen for `popular`, and the one that the configuration has. */
  readonly weight: number
  readonly configured: number
  /** Users of the validation period. */
  readonly users: number
  /** NDCG@10 in the validation period by weight. */
  readonly tried: readonly { readonly weight: number; readonly ndcg: number }[]
}

export interface EvaluationReport {
  readonly protocol: Protocol
  readonly users: number
  readonly items: number
  /** What was done with seen items, cold users, ties: stated, because it moves the numbers. */
  readonly notes: readonly string[]
  /** Weight of `popular` that fits the known part; only when it was asked for and somebody could be judged. */
  readonly balance?: Balance
  readonly rows: readonly {
    readonly name: string
    readonly kind: 'source' | 'spine' | 'baseline'
    readonly metrics: Readonly<Record<string, MetricValue>>
  }[]
}
