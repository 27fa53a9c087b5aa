import { type Bag, DEFAULT_ROW, type EmbeddingTable, NO_ID, PADDING_ROW, VectorSum } from '../embeddings/index.ts'
import { type DType, type Graph, type Shape, sizeOf, type Values } from '../graph/index.ts'
import { Normaliser } from './dense-columns.ts'
import type { FeatureSpec } from './feature-spec.ts'
import {
  type EmbeddedInput,
  type EmbeddedName,
  embeddedNames,
  partsOf,
  type InputGround,
  type PlainInput,
  plainInputs,
  type TableName,
} from './ranking-inputs.ts'
import type { ItemFacts, RankingRows } from './ranking-rows.ts'

/** An input to be fed: of a graph, or of a model file. */
export interface FeedPort {
  readonly name: string
  readonly dtype: DType
  readonly shape: Shape
}

export const portsOf = ({ inputs }: Graph): FeedPort[] =>
  inputs.map(({ source, dtype, shape }) => ({ name: 'name' in source ? source.name : '', dtype, shape }))

export interface FeedOptions {
  /** What ids without a row of their own read: the row they share, or zeros. Default the row. */
  readonly rare?: 'shared' | 'zero'
  /** Copy what is gathered: needed when two feeds read the same tables for one run. Default false. */
  readonly copied?: boolean
}

export type RankingTables = Readonly<Record<TableName, EmbeddingTable>>

/** The ids of one part of an embedded input, and where they stand in their table's list. */
interface Part {
  readonly input: EmbeddedInput
  /** [places x bag] */
  readonly ids: Uint32Array
  /** For bags: the place of each id listed and its share of that place, and the number of ids per place. */
  readonly owners: Uint32Array
  readonly shares: Float32Array
  readonly counts: Uint8Array
  /** First id in the table's list, and how many. */
  from: number
  length: number
}

/** An embedded input: one part, or several that are summed. */
interface Embedded {
  readonly name: string
  readonly parts: readonly Part[]
  /** [places x width], unless a single id per place is read where it was gathered. */
  readonly sum: VectorSum | undefined
}

/** All that one table is asked for a batch. */
interface Lookup {
  readonly parts: readonly Part[]
  readonly ids: Uint32Array<ArrayBuffer>
  readonly rows: Uint32Array<ArrayBuffer>
  /** Where vectors are copied to; the table's own memory when undefined. */
  readonly copy: Float32Array<ArrayBuffer> | undefined
}

/**
 * Fills the inputs of one ranking graph from rows, and brings the gradients of embeddings back to their tables. All
 * ids of a table are looked up and gathered in one go. Buffers are made once; what `fill` gives is good until the next.
 */
export class RankingFeeds {
  private readonly ground: InputGround
  private readonly tables: RankingTables
  private readonly options: FeedOptions
  private readonly plain: { readonly name: string; readonly input: PlainInput; readonly values: Values }[] = []
  private readonly embedded: Embedded[] = []
  private readonly lookups = new Map<TableName, Lookup>()

  /** Labels and whatever else is no input of a ranking model is left to the caller. */
  constructor(
    spec: FeatureSpec,
    ports: readonly FeedPort[],
    tables: RankingTables,
    facts: ItemFacts,
    options: FeedOptions = {},
  ) {
    this.ground = { spec, facts, normaliser: new Normaliser(spec.columns) }
    this.tables = tables
    this.options = options
    for (const { name, shape, dtype } of ports) {
      const size = sizeOf(shape)
      if (name in plainInputs) {
        const input = plainInputs[name as keyof typeof plainInputs]
        this.plain.push({ name, input, values: dtype === 'int32' ? new Int32Array(size) : new Float32Array(size) })
      } else if (embeddedNames.includes(name as EmbeddedName)) this.addEmbedded(name as EmbeddedName, size)
    }
  }

  /**
   * The feeds of a batch. With `learnAt` (ms), ids are counted and new ones get a row when they are due; without, nothing
   * changes.
   */
  fill(rows: RankingRows, learnAt?: number): Record<string, Values> {
    const feeds: Record<string, Values> = {}
    for (const { name, input, values } of this.plain) {
      input.fill(rows, this.ground, values)
      feeds[name] = values
    }
    const gathered = new Map<TableName, Float32Array>()
    for (const [table, lookup] of this.lookups) gathered.set(table, this.gather(table, lookup, rows, learnAt))
    for (const { name, parts, sum } of this.embedded) {
      const vectors = parts.map(({ input, from, length }) => {
        const { dim } = this.tables[input.table]
        return (gathered.get(input.table) as Float32Array).subarray(from * dim, (from + length) * dim)
      })
      feeds[name] = sum === undefined ? (vectors[0] as Float32Array) : summed(parts, vectors, sum)
    }
    return feeds
  }

  /** Adds the gradients of the latest batch's embeddings to their tables' next step. */
  accumulate(gradients: Readonly<Record<string, Float32Array>>): void {
    for (const { name, parts } of this.embedded) {
      const gradient = gradients[name]
      if (gradient === undefined) continue
      for (const part of parts) {
        const table = this.tables[part.input.table]
        const { rows } = this.lookups.get(part.input.table) as Lookup
        const own = rows.subarray(part.from, part.from + part.length)
        table.accumulate(own, gradient, bagOf(part))
      }
    }
  }

  /** The tables that are read. */
  get used(): EmbeddingTable[] {
    return [...this.lookups.keys()].map((name) => this.tables[name])
  }

  /** The vectors of all ids that a table is asked for. */
  private gather(tableName: TableName, lookup: Lookup, rows: RankingRows, learnAt: number | undefined): Float32Array {
    const table = this.tables[tableName]
    const { spec, facts } = this.ground
    let end = 0
    for (const part of lookup.parts) {
      part.input.ids(rows, spec, facts, part.ids)
      if (facts.keys && tableName !== 'cross') renamed(part.ids, facts.keys[tableName])
      part.from = end
      end = list(part, lookup.ids, end)
      part.length = end - part.from
    }
    const listed = lookup.ids.subarray(0, end)
    const held = lookup.rows.subarray(0, end)
    if (learnAt === undefined) table.find(listed, held)
    else table.lookup(listed, learnAt, held)
    if (this.options.rare === 'zero') for (let i = 0; i < end; i++) if (held[i] === DEFAULT_ROW) held[i] = PADDING_ROW
    return table.gather(held, lookup.copy)
  }

  private addEmbedded(name: EmbeddedName, size: number): void {
    const parts = partsOf(name).map((input): Part => {
      const places = size / this.tables[input.table].dim
      const ids = new Uint32Array(places * input.bag)
      const listed = input.bag > 1 ? ids.length : 0
      return {
        ...{ input, ids, from: 0, length: 0 },
        owners: new Uint32Array(listed),
        shares: new Float32Array(listed),
        counts: new Uint8Array(listed > 0 ? places : 0),
      }
    })
    this.embedded.push({ name, parts, sum: this.sumOf(parts) })
    for (const part of parts) {
      const { table } = part.input
      const before = this.lookups.get(table) ?? { parts: [], ids: new Uint32Array(0) }
      const length = before.ids.length + part.ids.length
      this.lookups.set(table, {
        parts: [...before.parts, part],
        ids: new Uint32Array(length),
        rows: new Uint32Array(length),
        copy: this.options.copied ? new Float32Array(length * this.tables[table].dim) : undefined,
      })
    }
  }

  private sumOf(parts: readonly Part[]): VectorSum | undefined {
    const [{ input, ids }, ...others] = parts as [Part, ...Part[]]
    if (others.length === 0 && input.bag === 1) return undefined
    const most = parts.reduce((longest, part) => Math.max(longest, part.ids.length), 0)
    return new VectorSum(ids.length / input.bag, most, this.tables[input.table].dim)
  }
}

/** From rows to the numbers by which a table knows them. */
function renamed(ids: Uint32Array, key: (row: number) => number): void {
  for (let i = 0; i < ids.length; i++) if (ids[i] !== NO_ID.uint32) ids[i] = key(ids[i])
}

/** Lists a part's ids behind those before; of bags only the ids that are there. Gives the new end. */
function list({ input, ids, owners, shares, counts }: Part, into: Uint32Array, end: number): number {
  if (input.bag === 1) {
    into.set(ids, end)
    return end + ids.length
  }
  counts.fill(0)
  let length = 0
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === NO_ID.uint32) continue
    const place = Math.floor(i / input.bag)
    counts[place]++
    owners[length] = place
    into[end + length++] = ids[i]
  }
  for (let i = 0; i < length; i++) shares[i] = 1 / counts[owners[i]]
  return end + length
}

/** The vectors of a bag and their shares of their places' mean; undefined where a place has one vector. */
function bagOf({ input, owners, shares, length }: Part): Bag | undefined {
  return input.bag === 1 ? undefined : { owners: owners.subarray(0, length), shares: shares.subarray(0, length) }
}

/** The sum over parts of each place's vector, or of the mean of its bag. */
function summed(parts: readonly Part[], vectors: readonly Float32Array[], sum: VectorSum): Float32Array {
  const first = parts[0]?.input.bag === 1 ? 1 : 0 // it need not be added to zeros
  sum.begin(first ? vectors[0] : undefined)
  for (let p = first; p < parts.length; p++) {
    const bag = bagOf(parts[p] as Part)
    if (bag) sum.addBag(vectors[p] as Float32Array, bag)
    else sum.add(vectors[p] as Float32Array)
  }
  return sum.values
}
