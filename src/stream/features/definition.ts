import type { Config } from '../../domain/index.ts'
import type { Projection, State } from '../catalog/index.ts'
import type { DecayedRows, DecayScale } from './decayed.ts'
import type { Histories } from './histories.ts'
import type { Popularity } from './popularity.ts'
import type { Sessions } from './sessions.ts'

/** For whom and when features are read. */
export interface FeatureAsk {
  /** Row of the user; -1 when unknown or anonymous: features of the user take their neutral value. */
  readonly user: number
  /** Milliseconds since 1970: what "now" means. */
  readonly at: number
  readonly surface: string
  readonly device: string
  /** Rows in the catalogue's tables, or -1. */
  readonly country: number
  readonly language: number
}

/** Least and greatest value a column may take. */
export type Range = readonly [least: number, greatest: number]

/** Those that columns share: shares, rates and flags; signed ones; logarithms of 1 + a count, an amount or a time. */
export const ranges = { share: [0, 1], signed: [-1, 1], log: [0, 50] } as const satisfies Record<string, Range>

/**
 * One feature with its columns and the state it is read from. The law:
 * - state changes in the projection alone, so replay and the live stream give equal values; `fill` changes nothing
 *   that a later read could see;
 * - what is missing has a documented neutral value; no column is ever NaN or infinite;
 * - what depends on the ask alone is worked out once per `fill`, not once per row.
 */
export interface FeatureDefinition {
  readonly name: string
  /** What it is about: the key of its state. */
  readonly entity: string
  /** Names of its columns. */
  readonly dims: readonly string[]
  /** Those of them that rise and fall within the day: one hour of them is no measure of another. */
  readonly daily?: readonly string[]
  /** Of all its columns, or one of each: a value outside has another unit, or comes from elsewhere. */
  readonly range: Range | readonly Range[]
  /** One sentence, with unit, range and neutral value. */
  readonly say: string
  /** Its own state; absent when it reads shared state or the catalogue. */
  readonly projection?: Projection
  /** Writes column d of row i to out[offset + d + i x stride]. */
  fill(ask: FeatureAsk, rows: Uint32Array, out: Float32Array, stride: number, offset: number): void
}

/** What definitions stand on: the catalogue and the state that several of them share. */
export interface Ground {
  readonly state: State
  readonly config: Config['ranking']
  readonly surfaces: readonly string[]
  readonly histories: Histories
  readonly sessions: Sessions
  readonly popularity: Popularity
  /** Of items, on the scale of rates: definitions reserve channels, so that an item's sums lie side by side. */
  readonly itemRates: DecayedRows
  readonly scales: { readonly rate: DecayScale; readonly affinity: DecayScale; readonly fatigue: DecayScale }
}

export type DefinitionMaker = (ground: Ground) => FeatureDefinition

/** Writes one column that is the same for all rows. */
export function fillSame(value: number, count: number, out: Float32Array, stride: number, offset: number): void {
  for (let i = 0, to = offset; i < count; i++, to += stride) out[to] = value
}
