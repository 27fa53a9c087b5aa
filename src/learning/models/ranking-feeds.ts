import { DEFAULT_ROW, type EmbeddingTable, NO_ID, PADDING_ROW } from '../embeddings/index.ts'
import { type DType, type Graph, type Shape, sizeOf, type Values } from '../graph/index.ts'
import { Normaliser } from './dense-columns.ts'
import type { FeatureSpec } from './feature-spec.ts'
import {
  type EmbeddedInput,
  embeddedInputs,
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

/** One embedded input: which part of its table's ids it has, and for bags whose ids they are. */
interface Gathered {
  readonly name: string
  readonly input: EmbeddedInput
  /** [places x bag] */
  readonly ids: Uint32Array
  /** [places x width] for bags; others are read in place. */
  readonly means: Float32Array
  /** Place of each id listed, and the number of ids per place; for bags. */
  readonly owners: Uint32Array
  readonly counts: Uint8Array
  /** First id in the table's list, and how many. */
  from: number
  length: number
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
  private readonly gathered = new Map<
    TableName,
    { inputs: Gathered[]; ids: Uint32Array<ArrayBuffer>; rows: Uint32Array<ArrayBuffer> }
  >()
  /** Rows of the ids of the latest batch, per table. */
  private readonly latest = new Map<TableName, Uint32Array>()

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
      } else if (name in embeddedInputs)
        this.addEmbedded(name, embeddedInputs[name as keyof typeof embeddedInputs], size)
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
    for (const [tableName, { inputs, ids, rows: found }] of this.gathered) {
      const table = this.tables[tableName]
      let end = 0
      for (const one of inputs) {
        one.input.ids(rows, this.ground.spec, this.ground.facts, one.ids)
        one.from = end
        end = list(one, ids, end)
        one.length = end - one.from
      }
      const listed = ids.subarray(0, end)
      const held = found.subarray(0, end)
      if (learnAt === undefined) table.find(listed, held)
      else table.lookup(listed, learnAt, held)
      this.latest.set(tableName, held)
      if (this.options.rare === 'zero') for (let i = 0; i < end; i++) if (held[i] === DEFAULT_ROW) held[i] = PADDING_ROW
      const vectors = this.options.copied ? table.gather(held, new Float32Array(end * table.dim)) : table.gather(held)
      for (const one of inputs) {
        const own = vectors.subarray(one.from * table.dim, (one.from + one.length) * table.dim)
        feeds[one.name] = one.input.bag === 1 ? own : mean(one, own, table.dim)
      }
    }
    return feeds
  }

  /** Adds the gradients of the latest batch's embeddings to their tables' next step. */
  accumulate(gradients: Readonly<Record<string, Float32Array>>): void {
    for (const [tableName, { inputs }] of this.gathered) {
      const table = this.tables[tableName]
      const rows = this.latest.get(tableName) as Uint32Array
      for (const one of inputs) {
        const gradient = gradients[one.name]
        if (gradient === undefined) continue
        const own = rows.subarray(one.from, one.from + one.length)
        table.accumulate(own, one.input.bag === 1 ? gradient : shares(one, gradient, table.dim))
      }
    }
  }

  /** The tables that are read. */
  get used(): EmbeddingTable[] {
    return [...this.gathered.keys()].map((name) => this.tables[name])
  }

  private addEmbedded(name: string, input: EmbeddedInput, size: number): void {
    const { dim } = this.tables[input.table]
    const places = size / dim
    const before = this.gathered.get(input.table) ?? { inputs: [], ids: new Uint32Array(0), rows: new Uint32Array(0) }
    const ids = new Uint32Array(places * input.bag)
    const bag = input.bag > 1
    const one: Gathered = {
      name,
      input,
      ids,
      means: new Float32Array(bag ? size : 0),
      owners: new Uint32Array(bag ? ids.length : 0),
      counts: new Uint8Array(bag ? places : 0),
      from: 0,
      length: 0,
    }
    const length = before.ids.length + ids.length
    this.gathered.set(input.table, {
      inputs: [...before.inputs, one],
      ids: new Uint32Array(length),
      rows: new Uint32Array(length),
    })
  }
}

/** Lists an input's ids behind those before; of bags only the ids that are there. Gives the new end. */
function list({ input, ids, owners, counts }: Gathered, into: Uint32Array, end: number): number {
  if (input.bag === 1) {
    into.set(ids, end)
    return end + ids.length
  }
  counts.fill(0)
  const from = end
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === NO_ID.uint32) continue
    const place = Math.floor(i / input.bag)
    counts[place]++
    owners[end - from] = place
    into[end++] = ids[i]
  }
  return end
}

/** [places x dim] means of the vectors of each place. */
function mean({ means, owners, counts, length }: Gathered, vectors: Float32Array, dim: number): Float32Array {
  means.fill(0)
  for (let i = 0, from = 0; i < length; i++) {
    const to = owners[i] * dim
    const share = 1 / counts[owners[i]]
    for (let d = 0; d < dim; d++) means[to + d] += share * vectors[from++]
  }
  return means
}

/** [ids listed x dim] the gradient of each vector: its share of its place's. */
function shares({ owners, counts, length }: Gathered, gradient: Float32Array, dim: number): Float32Array {
  const each = new Float32Array(length * dim)
  for (let i = 0, to = 0; i < length; i++) {
    const from = owners[i] * dim
    const share = 1 / counts[owners[i]]
    for (let d = 0; d < dim; d++) each[to++] = share * gradient[from + d]
  }
  return each
}
