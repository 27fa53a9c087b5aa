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
  for (const [i, size] of manifest.candidates.entries()) {
    const file = path(graphFile(size))
    try {
      writeFileSync(file, graphs[i] as Uint8Array)
    } catch (cause) {
      throw new SluiceError('ERR_DISK_WRITE', [file, (cause as Error).message], { cause })
    }
  }
  for (const table of manifest.tables) writeSnapshot(tables[table] as EmbeddingTable, path(tableFile(table)))
}

/** Reads what `writeRanker` wrote: ERR_MODEL_INVALID, ERR_EMBEDDINGS_INVALID. */
export function readRanker(manifest: RankerManifest, path: (file: string) => string): RankerArtifact {
  if (manifest.format !== 1)
    throw new SluiceError('ERR_MODEL_INVALID', [
      manifest.name,
      `its format is ${manifest.format}, this version reads 1`,
    ])
  const graphs = manifest.candidates.map((size) => {
    const file = path(graphFile(size))
    try {
      return readFileSync(file)
    } catch (cause) {
      throw new SluiceError('ERR_MODEL_INVALID', [manifest.name, `${file} cannot be read`], { cause })
    }
  })
  const tables = manifest.tables.map((table) => [table, readSnapshot(path(tableFile(table)))] as const)
  return { manifest, graphs, tables: Object.fromEntries(tables) }
}
