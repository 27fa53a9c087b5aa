import { type Config, defaultSurfaces } from '../../domain/index.ts'
import { hash32, type Shelf } from '../../foundation/base/index.ts'
import type { State } from '../catalog/index.ts'
import { ContentVectors } from './content-vectors.ts'
import { DecayedRows, DecayScale } from './decayed.ts'
import type { FeatureAsk, FeatureDefinition, Range } from './definition.ts'
import { definitions } from './definitions/index.ts'
import { halfLives } from './half-lives.ts'
import { Histories } from './histories.ts'
import { Popularity } from './popularity.ts'
import { Sessions } from './sessions.ts'
import { windows } from './windows.ts'

/** Some of the features: reads [rows x names.length], row-major. */
export interface FeatureSelection {
  readonly names: readonly string[]
  read(ask: FeatureAsk, rows: Uint32Array, out: Float32Array): void
}

/** Columns of the same rows that were read for the same request before: [rows x names.length], row-major. */
export interface KnownColumns {
  readonly names: readonly string[]
  readonly values: Float32Array
}

/** All features of one state: registers their projections, and reads their columns in one batch. */
export class Features {
  /** Names of the columns, in order. */
  readonly names: readonly string[]
  /** Hash of the columns and all that shapes their values: equal digests, comparable columns. */
  readonly digest: string
  readonly definitions: readonly FeatureDefinition[]
  /** Least and greatest value of each column, by name. */
  readonly ranges: Readonly<Record<string, Range>>
  /** Columns that rise and fall within the day. */
  readonly daily: ReadonlySet<string>
  readonly histories: Histories
  readonly sessions: Sessions
  readonly vectors: ContentVectors
  private readonly popularity: Popularity
  private readonly offsets: ReadonlyMap<string, number>

  /** Call before the first entry is folded. `surfaces`: names of the configured ones, in order. */
  constructor(state: State, config: Config['ranking'], surfaces: readonly string[] = Object.keys(defaultSurfaces)) {
    // Shared state comes first: definitions may read it while they fold the same event.
    this.histories = state.add(new Histories())
    this.sessions = state.add(new Sessions(state.kinds))
    this.popularity = state.add(new Popularity(new DecayScale(halfLives.popularity)))
    this.vectors = state.add(new ContentVectors(state.items))
    const { histories, sessions, popularity } = this
    const scales = {
      rate: new DecayScale(halfLives.rate),
      affinity: new DecayScale(halfLives.affinity),
      fatigue: new DecayScale(halfLives.fatigue),
    }
    const itemRates = new DecayedRows(scales.rate, 0)
    state.add({
      name: 'item.rates', // and the scales of decay that definitions share
      apply() {},
      forget() {},
      shelve(shelf: Shelf) {
        shelf.part('sums', itemRates)
        for (const [name, scale] of Object.entries(scales)) shelf.part(name, scale)
      },
    })
    const ground = { state, config, surfaces, histories, sessions, popularity, itemRates, scales }
    this.definitions = definitions.map((make) => make(ground))
    for (const { projection } of this.definitions) if (projection) state.add(projection)
    this.names = this.definitions.flatMap(({ dims }) => dims)
    this.ranges = Object.fromEntries(this.definitions.flatMap(rangesOf))
    this.daily = new Set(this.definitions.flatMap(({ daily = [] }) => daily))
    this.offsets = new Map(this.names.map((name, place) => [name, place]))
    const { priorImpressions, priorCtr, priorCompletion } = config
    const options = { priorImpressions, priorCtr, priorCompletion, surfaces, halfLives, windows }
    this.digest = digestOf(JSON.stringify([this.names, this.definitions.map(({ say }) => say), options]))
  }

  /**
   * The column of a name.
   * @throws RangeError when there is none
   */
  index(name: string): number {
    const place = this.offsets.get(name)
    if (place === undefined) throw new RangeError(`No feature has the column "${name}"`)
    return place
  }

  /**
   * Writes [rows x names.length], row-major, into `out`. Rows are rows of items. Features that are `known` are taken from
   * there. Changes nothing.
   */
  read(ask: FeatureAsk, rows: Uint32Array, out: Float32Array, known?: KnownColumns): void {
    const stride = this.names.length
    if (out.length < rows.length * stride)
      throw new RangeError(`Features of ${rows.length} rows need ${rows.length * stride} cells, not ${out.length}`)
    let offset = 0
    for (const definition of this.definitions) {
      const { dims } = definition
      const from = known ? known.names.indexOf(dims[0] as string) : -1
      if (known && from >= 0) copyColumns(known, from, dims.length, out, stride, offset)
      else definition.fill(ask, rows, out, stride, offset)
      offset += dims.length
    }
  }

  /**
   * A reader of some of the features, by the names of their definitions: for many rows, where all of them would cost too
   * much. @throws RangeError for a name that no definition has
   */
  select(definitionNames: readonly string[]): FeatureSelection {
    const chosen = definitionNames.map((name) => {
      const found = this.definitions.find((definition) => definition.name === name)
      if (!found) throw new RangeError(`No feature is called "${name}"`)
      return found
    })
    const names = chosen.flatMap(({ dims }) => dims)
    return {
      names,
      read: (ask, rows, out) => {
        let offset = 0
        for (const definition of chosen) {
          definition.fill(ask, rows, out, names.length, offset)
          offset += definition.dims.length
        }
      },
    }
  }

  /** Decayed sum of positive strength as of the newest such event. Comparable between items. */
  itemPopularity(row: number): number {
    return this.popularity.mass(row, this.popularity.scale.factorNow)
  }
}

function rangesOf({ dims, range }: FeatureDefinition): [name: string, range: Range][] {
  return dims.map((name, d) => [name, typeof range[0] === 'number' ? (range as Range) : (range[d] as Range)])
}

/** Copies `count` columns from place `from` on to those from `offset` on. */
function copyColumns(
  { names, values }: KnownColumns,
  from: number,
  count: number,
  out: Float32Array,
  stride: number,
  offset: number,
): void {
  const width = names.length
  for (let column = 0; column < count; column++)
    for (let at = from + column, to = offset + column; at < values.length; at += width, to += stride)
      out[to] = values[at]
}

function digestOf(text: string): string {
  return [0, 1].map((seed) => hash32(text, seed).toString(16).padStart(8, '0')).join('')
}
