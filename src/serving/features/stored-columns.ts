import type { FeatureAsk, FeatureDefinition, Features } from '../../stream/features/index.ts'

/** Whom values are kept with in a store. */
export type Keeper = 'item' | 'user'

/** A feature's columns: where they stand in a row of all columns, and in the keeper's blob. */
interface Placed {
  readonly definition: FeatureDefinition
  readonly offset: number
  readonly at: number
}

const HEADER = 8
/** A row that no catalogue has: features of it are neutral. */
const NOBODY = 0xffff_fff0

/**
 * Which columns a store holds, and with whom. What is about an item, its creator and its categories lies with the item,
 * what is about a user with the user. Features of a pair (affinity, fatigue, audiences, series, match) and of the request
 * are read from the columns of the process.
 *
 * A blob is the moment its values were true (float64, milliseconds), then float32 values, little-endian.
 */
export class StoredColumns {
  readonly features: Features
  /** All columns of a row. */
  readonly stride: number
  /** Columns that are read from this process, by place. */
  private readonly local: readonly Placed[]
  private readonly kept: Readonly<Record<Keeper, readonly Placed[]>>
  private readonly widths: Readonly<Record<Keeper, number>>
  private readonly scratch: Record<Keeper, Float32Array> = { item: new Float32Array(0), user: new Float32Array(0) }

  constructor(features: Features) {
    this.features = features
    this.stride = features.names.length
    const local: Placed[] = []
    const kept: Record<Keeper, Placed[]> = { item: [], user: [] }
    const widths = { item: 0, user: 0 }
    let offset = 0
    for (const definition of features.definitions) {
      const keeper = keeperOf(definition)
      const placed = { definition, offset, at: keeper ? widths[keeper] : 0 }
      if (keeper) {
        kept[keeper].push(placed)
        widths[keeper] += definition.dims.length
      } else local.push(placed)
      offset += definition.dims.length
    }
    this.local = local
    this.kept = kept
    this.widths = widths
  }

  /** Bytes of a blob. */
  bytes(keeper: Keeper): number {
    return HEADER + this.widths[keeper] * 4
  }

  /** Groups of columns that a keeper's blob holds. */
  groups(keeper: Keeper): ReadonlySet<string> {
    return new Set(
      this.kept[keeper].flatMap(({ definition }) => definition.dims.map((name) => name.split('.')[0] ?? '')),
    )
  }

  /** Blobs of items, as of `at`. */
  ofItems(rows: Uint32Array, at: number): Uint8Array[] {
    return this.blobs('item', rows, askAt(-1, at), at)
  }

  /** The blob of a user, as of `at`. */
  ofUser(user: number, at: number): Uint8Array {
    return this.blobs('user', Uint32Array.of(NOBODY), askAt(user, at), at)[0] as Uint8Array
  }

  /** Writes what this process knows by itself. */
  readLocal(ask: FeatureAsk, rows: Uint32Array, out: Float32Array): void {
    for (const { definition, offset } of this.local) definition.fill(ask, rows, out, this.stride, offset)
  }

  /** Writes neutral values of a keeper's columns into all rows. */
  fillNeutral(keeper: Keeper, at: number, count: number, out: Float32Array): void {
    const blob = this.blobs(keeper, Uint32Array.of(NOBODY), askAt(-1, at), at)[0] as Uint8Array
    for (let row = 0; row < count; row++) this.write(keeper, blob, row, out)
  }

  /** Writes a blob's values into a row, and gives the moment they were true. */
  write(keeper: Keeper, blob: Uint8Array, row: number, out: Float32Array): number {
    const values = floatsOf(blob, this.widths[keeper])
    for (const { definition, offset, at } of this.kept[keeper]) {
      const to = row * this.stride + offset
      for (let d = 0; d < definition.dims.length; d++) out[to + d] = values[at + d]
    }
    return new DataView(blob.buffer, blob.byteOffset).getFloat64(0, true)
  }

  private blobs(keeper: Keeper, rows: Uint32Array, ask: FeatureAsk, at: number): Uint8Array[] {
    const width = this.widths[keeper]
    if (this.scratch[keeper].length < rows.length * width) this.scratch[keeper] = new Float32Array(rows.length * width)
    const values = this.scratch[keeper]
    for (const placed of this.kept[keeper]) placed.definition.fill(ask, rows, values, width, placed.at)
    return Array.from(rows, (_, i) => {
      const blob = new Uint8Array(HEADER + width * 4)
      new DataView(blob.buffer).setFloat64(0, at, true)
      new Float32Array(blob.buffer, HEADER).set(values.subarray(i * width, (i + 1) * width))
      return blob
    })
  }
}

const ofItem = ['item', 'creator', 'category']

function keeperOf({ entity }: FeatureDefinition): Keeper | undefined {
  return entity === 'user' ? 'user' : ofItem.includes(entity) ? 'item' : undefined
}

const askAt = (user: number, at: number): FeatureAsk => ({
  ...{ user, at, surface: '', device: '', country: -1, language: -1 },
})

/** A client's buffer may begin anywhere: floats are read where they stand on a multiple of four, else from a copy. */
function floatsOf({ buffer, byteOffset }: Uint8Array, width: number): Float32Array {
  const start = byteOffset + HEADER
  return start % 4 === 0
    ? new Float32Array(buffer, start, width)
    : new Float32Array(buffer.slice(start, start + width * 4))
}
