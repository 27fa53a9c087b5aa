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
  /** Viewers and items that the graphs of each tower encode in one run, ascending. */
  readonly sizes: { readonly users: readonly number[]; readonly items: readonly number[] }
}

export interface TwoTowerArtifact {
  readonly manifest: TwoTowerManifest
  /** ONNX files with their weights, in the order of `manifest.sizes`. */
  readonly users: readonly Uint8Array[]
  readonly items: readonly Uint8Array[]
  readonly tables: ServingTables
}

export const towerFile = (tower: 'users' | 'items', size: number): string => `${tower}-${size}.onnx`

/** Writes all files of an artifact; the manifest is left to whoever keeps it. `path`: where a file goes. */
export function writeTwoTower(artifact: TwoTowerArtifact, path: (file: string) => string): void {
  const { manifest, tables } = artifact
  for (const tower of ['users', 'items'] as const)
    for (const [i, size] of manifest.sizes[tower].entries())
      writeGraph(path(towerFile(tower, size)), artifact[tower][i] as Uint8Array)
  writeTables(manifest.tables, tables, path)
}

/** Reads what `writeTwoTower` wrote: ERR_MODEL_INVALID, ERR_EMBEDDINGS_INVALID. */
export function readTwoTower(manifest: TwoTowerManifest, path: (file: string) => string): TwoTowerArtifact {
  const { format, name, sizes } = manifest
  if (format !== 1) throw new SluiceError('ERR_MODEL_INVALID', [name, `its format is ${format}, this version reads 1`])
  const graphs = (tower: 'users' | 'items') => sizes[tower].map((size) => readGraph(name, path(towerFile(tower, size))))
  return { manifest, users: graphs('users'), items: graphs('items'), tables: readTables(manifest.tables, path) }
}
