import type { Numbers } from '../../foundation/base/index.ts'
import { HEADS } from './heads.ts'

/** Version of the layout of samples. Raise it when a column changes its meaning; older files are then refused. */
export const SAMPLES_SCHEMA = 1

/** What all samples of one dataset share. Two datasets fit together when schema, digest and heads are equal. */
export interface SamplesHeader {
  readonly schema: number
  readonly featureNames: readonly string[]
  readonly featureDigest: string
  readonly heads: readonly string[]
  /** Names of the event kinds and of the surfaces, by code. Surface code 0 stands for any other. */
  readonly kinds: readonly string[]
  readonly surfaces: readonly string[]
  /** How long an outcome may follow its request, and a return; milliseconds. */
  readonly attributionMs: number
  readonly returnMs: number
  readonly seed: string
}

type Make = { new (length: number): Numbers; readonly BYTES_PER_ELEMENT: number }
export interface ColumnSpec {
  readonly make: Make
  /** Values per row; `features`: as many as there are features. */
  readonly width: number | 'features'
  readonly say: string
}

/** Where a request came from. A code is its place here. */
export const origins = ['logged', 'randomised', 'sampled'] as const
export type Origin = (typeof origins)[number]

/** Every column of a chunk, by table. Builder, file and checks are driven by this list. */
export const tables = {
  requests: {
    user: { make: Int32Array, width: 1, say: 'row of the viewer, -1 for a stranger' },
    at: { make: Float64Array, width: 1, say: 'the moment, milliseconds since 1970' },
    surface: { make: Uint8Array, width: 1, say: 'code of the surface' },
    origin: {
      make: Uint8Array,
      width: 1,
      say: 'logged: a shown slate; randomised: a slate whose order was lot; sampled: a positive with drawn negatives',
    },
    place: { make: Float64Array, width: 1, say: 'place in the journal of the entry before which features were read' },
    impressionEnd: { make: Uint32Array, width: 1, say: 'one past its last impression in the chunk' },
    historyEnd: { make: Uint32Array, width: 1, say: 'one past its last history entry in the chunk' },
    nearEnd: { make: Uint32Array, width: 1, say: 'one past its last near miss in the chunk' },
  },
  impressions: {
    item: { make: Uint32Array, width: 1, say: 'row of the item' },
    position: { make: Int16Array, width: 1, say: 'place in the slate, from 0; -1 when unknown. For training only' },
    propensity: { make: Float32Array, width: 1, say: 'probability of this item at this place; 0 when not logged' },
    explored: { make: Uint8Array, width: 1, say: '1 when chosen to learn about it' },
    weight: { make: Float32Array, width: 1, say: 'weight in the loss' },
    known: { make: Uint8Array, width: 1, say: 'bit h is set when the label of head h is known' },
    labels: { make: Float32Array, width: HEADS, say: 'one value of 0..1 per head; 0 where unknown' },
    features: { make: Float32Array, width: 'features', say: 'columns of the feature digest' },
  },
  histories: {
    item: { make: Uint32Array, width: 1, say: 'row of the item; oldest first' },
    ago: { make: Float32Array, width: 1, say: 'seconds before the request' },
    kind: { make: Uint8Array, width: 1, say: 'code of the strongest kind' },
    completion: { make: Float32Array, width: 1, say: 'greatest share watched; -1 when unknown' },
  },
  nears: {
    item: { make: Uint32Array, width: 1, say: 'ranked and not shown, best first: hard negatives' },
  },
} as const satisfies Record<string, Record<string, ColumnSpec>>

export type TableName = keyof typeof tables
export const tableNames = Object.keys(tables) as readonly TableName[]

type Columns<T extends Record<string, { readonly make: Make }>> = {
  readonly [K in keyof T]: InstanceType<T[K]['make']>
}
/** A run of whole requests in typed arrays, exactly as long as they have to be: can be transferred or written as is. */
export type SampleChunk = { readonly [T in TableName]: Columns<(typeof tables)[T]> }

export function widthOf(spec: ColumnSpec, features: number): number {
  return spec.width === 'features' ? features : spec.width
}

/** Requests and impressions in a chunk. */
export function sizeOf(chunk: SampleChunk): { requests: number; impressions: number; histories: number } {
  return {
    requests: chunk.requests.at.length,
    impressions: chunk.impressions.item.length,
    histories: chunk.histories.item.length,
  }
}
