import { readFileSync, writeFileSync } from 'node:fs'
import { SluiceError } from '../../foundation/base/index.ts'
import { type EmbeddingTable, readSnapshot, writeSnapshot } from '../embeddings/index.ts'
import type { RankerArtifact, RankerManifest } from './artifact.ts'
import type { TableName } from './ranking-inputs.ts'

/** Names of an artifact's files, beside the manifest. */
export const graphFile = (candidates: number): string => `candidates-${candidates}.onnx`
export const tableFile = (table: TableName): string => `${table}.embeddings`

/** Writes all files of an artifact; the manifest is left to whoever keeps it. `path`: where a file goes. */
export function writeRanker({ manifest, graphs, tables }: RankerArtifact, path: (file: string) => string): void {
  for (const [i, size] of manifest.candidates.entries()) writeGraph(path(graphFile(size)), graphs[i] as Uint8Array)
  writeTables(manifest.tables, tables, path)
}

/** Reads what `writeRanker` wrote: ERR_MODEL_INVALID, ERR_EMBEDDINGS_INVALID. */
export function readRanker(manifest: RankerManifest, path: (file: string) => string): RankerArtifact {
  if (manifest.format !== 1)
    throw new SluiceError('ERR_MODEL_INVALID', [
      manifest.name,
      `its format is ${manifest.format}, this version reads 1`,
    ])
  const graphs = manifest.candidates.map((size) => readGraph(manifest.name, path(graphFile(size))))
  return { manifest, graphs, tables: readTables(manifest.tables, path) }
}

export function writeGraph(file: string, graph: Uint8Array): void {
  try {
    writeFileSync(file, graph)
  } catch (cause) {
    throw new SluiceError('ERR_DISK_WRITE', [file, (cause as Error).message], { cause })
  }
}

export function readGraph(model: string, file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new SluiceError('ERR_MODEL_INVALID', [model, `${file} cannot be read`], { cause })
  }
}

export type ServingTables = Readonly<Partial<Record<TableName, EmbeddingTable>>>

export function writeTables(names: readonly TableName[], tables: ServingTables, path: (file: string) => string): void {
  for (const name of names) writeSnapshot(tables[name] as EmbeddingTable, path(tableFile(name)))
}

export function readTables(names: readonly TableName[], path: (file: string) => string): ServingTables {
  return Object.fromEntries(names.map((name) => [name, readSnapshot(path(tableFile(name)))]))
}
