import { SluiceError } from '../../foundation/base/index.ts'
import type { FeatureSpec } from './feature-spec.ts'
import type { TableName } from './ranking-inputs.ts'
import { readGraph, readTables, type ServingTables, writeGraph, writeTables } from './ranker-files.ts'
import type { TwoTowerConfig } from './two-tower.ts'

/** What must be known of trained towers to serve them. Plain data. */
export interface TwoTowerManifest {
  readonly format: 1
  readonly name: 'two-tower'
  readonly network: TwoTowerConfig
  readonly spec: FeatureSpec
  readonly specDigest: string
  readonly tables: readonly TableName[]
}

export interface TwoTowerArtifact {
  readonly manifest: TwoTowerManifest
  /** ONNX files with their weights, for the sizes of ENCODED_AT_ONCE. */
  readonly user: Uint8Array
  readonly item: Uint8Array
  readonly tables: ServingTables
}

export const towerFiles = { user: 'user-tower.onnx', item: 'item-tower.onnx' } as const

/** Writes all files of an artifact; the manifest is left to whoever keeps it. `path`: where a file goes. */
export function writeTwoTower(
  { manifest, user, item, tables }: TwoTowerArtifact,
  path: (file: string) => string,
): void {
  writeGraph(path(towerFiles.user), user)
  writeGraph(path(towerFiles.item), item)
  writeTables(manifest.tables, tables, path)
}

/** Reads what `writeTwoTower` wrote: ERR_MODEL_INVALID, ERR_EMBEDDINGS_INVALID. */
export function readTwoTower(manifest: TwoTowerManifest, path: (file: string) => string): TwoTowerArtifact {
  if (manifest.format !== 1)
    throw new SluiceError('ERR_MODEL_INVALID', [
      manifest.name,
      `its format is ${manifest.format}, this version reads 1`,
    ])
  return {
    manifest,
    user: readGraph(manifest.name, path(towerFiles.user)),
    item: readGraph(manifest.name, path(towerFiles.item)),
    tables: readTables(manifest.tables, path),
  }
}
