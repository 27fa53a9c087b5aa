import type { Rung, StageReport } from '../../domain/index.ts'
import type { SourceReport } from '../pipeline/index.ts'

/** What is kept of a shown item: everything its explanation, a training sample or an off-policy estimate needs. */
export interface ServedItem {
  readonly item: string
  readonly position: number
  /** Per source that proposed it: score and rank (from 1). */
  readonly sources: Readonly<Record<string, { readonly score: number; readonly rank: number }>>
  readonly scores: { readonly retrieval: number; readonly coarse: number; readonly fine: number }
  readonly contributions: Readonly<Record<string, number>>
  /** What the fine model predicted, by head; absent where none answered. */
  readonly predictions?: Readonly<Record<string, number>>
  /** The feature row it was scored with, in the order of the record's digest. Base64 of little-endian float32. */
  readonly features: string
  readonly propensity: number
  readonly explored: boolean
  readonly pinned: boolean
  readonly reason: string
}

/** One served slate, as logged where it was made. */
export interface ServedRecord {
  readonly slate: string
  readonly user: string | undefined
  readonly session: string | undefined
  readonly surface: string
  readonly at: number
  readonly item: string | undefined
  readonly query: string | undefined
  readonly country: number
  readonly device: string
  readonly personal: boolean
  readonly offset: number
  readonly rung: Rung
  /** Of the configuration and the models that answered. */
  readonly digest: string
  /** Who scored, by stage: MODEL/VERSION, or bootstrap. Absent in records of earlier versions. */
  readonly models?: Readonly<Record<string, string>>
  /** Names of the features, by digest, are kept once per log. */
  readonly featureDigest: string
  readonly funnel: readonly { readonly step: string; readonly count: number }[]
  readonly removals: Readonly<Record<string, number>>
  readonly stages: readonly StageReport[]
  readonly sources: readonly SourceReport[]
  readonly items: readonly ServedItem[]
  /** The other ranked candidates, best first, with their fine scores. */
  readonly runnersUp: readonly { readonly item: string; readonly score: number }[]
}

/** A record as it is written, with what the log must know of it. */
export interface EncodedRecord {
  readonly slate: string
  readonly featureDigest: string
  /** JSON. */
  readonly bytes: Uint8Array
}

export function encodeRecord(record: ServedRecord): EncodedRecord {
  const { slate, featureDigest } = record
  return { slate, featureDigest, bytes: Buffer.from(JSON.stringify(record)) }
}

export function encodeFeatures(row: Float32Array): string {
  return Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString('base64')
}

export function decodeFeatures(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64')
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
