import type { EmbeddingTable } from '../embeddings/index.ts'
import type { Calibration } from './calibration.ts'
import type { FeatureSpec } from './feature-spec.ts'
import type { TableName } from './ranking-inputs.ts'

/** What must be known of a trained ranking model to serve it. Plain data. */
export interface RankerManifest {
  readonly format: 1
  /** Name in the registry: the recipe. */
  readonly name: string
  /** The network and what was set in it. */
  readonly model: string
  readonly network: Readonly<Record<string, unknown>>
  readonly spec: FeatureSpec
  /** Hash of the specification. */
  readonly specDigest: string
  /** Heads of which the samples said enough to learn them. */
  readonly learned: readonly string[]
  /** By head, in the order of the specification. */
  readonly calibrations: readonly Calibration[]
  /** Candidates that each graph takes, ascending: one request is scored in parts of these sizes. */
  readonly candidates: readonly number[]
  /** Tables that the graphs read. */
  readonly tables: readonly TableName[]
}

/** A trained ranking model, complete: graphs with their weights, tables, manifest. */
export interface RankerArtifact {
  readonly manifest: RankerManifest
  /** ONNX files in the order of `manifest.candidates`. */
  readonly graphs: readonly Uint8Array[]
  readonly tables: Readonly<Partial<Record<TableName, EmbeddingTable>>>
}
