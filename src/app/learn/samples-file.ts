import { existsSync, statSync } from 'node:fs'
import { SluiceError } from '../../foundation/base/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import { type Dataset, importParquet, readSamples } from '../../stream/samples/index.ts'

/** @throws SluiceError ERR_SAMPLES_FILE when nothing is there: to be asked before the journal is read, which takes long */
export function requireSamples(path: string): void {
  if (!existsSync(path)) throw new SluiceError('ERR_SAMPLES_FILE', [path, 'there is no such file or folder'])
}

/**
 * Samples from a file, whose rows are those of this folder's state, or from a Parquet folder, whose ids go by name.
 * @throws SluiceError ERR_SAMPLES_FILE, ERR_DUCKDB_MISSING
 */
export async function openSamples(path: string, { items, users }: State): Promise<Dataset> {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return readSamples(path)
  return importParquet(path, { item: (name) => items.ids.find(name), user: (name) => users.ids.find(name) })
}
