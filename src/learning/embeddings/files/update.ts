import { readWhole, type Written, writeWhole } from './file.ts'
import { frame, invalid, openFrame, type Source } from './frame.ts'

/** What a model learned after a version of it was registered: all dense weights, and the rows of its tables that changed. */
export interface ModelUpdate {
  readonly model: string
  /** The version that it leads on from: cumulative, so that the latest update alone brings a server up to date. */
  readonly base: string
  /** Counts up by one with every update of a base, from 1. */
  readonly number: number
  /** When it was made, milliseconds since 1970. */
  readonly at: number
  /** The flat vector of the dense weights. */
  readonly weights: Float32Array<ArrayBuffer>
  /** By table: what `deltaSince` gave. */
  readonly deltas: Readonly<Record<string, Uint8Array>>
}

interface UpdateHeader extends Pick<ModelUpdate, 'model' | 'base' | 'number' | 'at'> {
  readonly weights: number
  readonly tables: readonly { readonly name: string; readonly bytes: number }[]
}

/** Body: weights, then the deltas in the order of the header. */
function* updateParts({ model, base, number, at, weights, deltas }: ModelUpdate): Generator<Uint8Array> {
  const tables = Object.entries(deltas).map(([name, { byteLength: bytes }]) => ({ name, bytes }))
  const header: UpdateHeader = { model, base, number, at, weights: weights.length, tables }
  const body = [new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength), ...Object.values(deltas)]
  const bytes = body.reduce((sum, { byteLength }) => sum + byteLength, 0)
  yield* frame('update', header, bytes, body)
}

/** Puts an update in the place of the one before, whole. ERR_DISK_WRITE. */
export const writeUpdate = (path: string, update: ModelUpdate): Written => writeWhole(path, updateParts(update))

/** ERR_EMBEDDINGS_INVALID when it is missing, damaged or something else. */
export const readUpdate = (path: string): ModelUpdate => readWhole(path, takeUpdate)

function takeUpdate(source: Source): ModelUpdate {
  const reader = openFrame(source, 'update', parse)
  const { model, base, number, at, weights: count, tables } = reader.header
  const wanted = tables.reduce((sum, { bytes }) => sum + bytes, count * 4)
  if (wanted !== reader.bodyBytes) throw invalid(source.name, 'its header does not fit its length')
  const weights = new Float32Array(count)
  reader.read(weights)
  const deltas: Record<string, Uint8Array> = {}
  for (const { name, bytes } of tables) reader.read((deltas[name] = new Uint8Array(bytes)))
  reader.finish()
  return { model, base, number, at, weights, deltas }
}

function parse(value: unknown): UpdateHeader {
  const header = value as UpdateHeader
  if (typeof header !== 'object' || header === null) throw new TypeError('no object')
  if (typeof header.model !== 'string' || typeof header.base !== 'string') throw new TypeError('no model is named')
  if (!Array.isArray(header.tables)) throw new TypeError('no tables are named')
  for (const count of [header.number, header.weights, ...header.tables.map(({ bytes }) => bytes)])
    if (!Number.isSafeInteger(count) || count < 0) throw new TypeError(`${String(count)} is no count`)
  return header
}
