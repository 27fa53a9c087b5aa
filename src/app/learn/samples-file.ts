import { statSync } from 'node:fs'
import type { State } from '../../stream/catalog/index.ts'
import { type Dataset, importParquet, readSamples } from '../../stream/samples/index.ts'

/**
 * Samples from a file, whose rows are those of this folder's state, or from a Parquet folder, whose ids go by name.
 * @throws SluiceError ERR_SAMPLES_FILE, ERR_DUCKDB_MISSING
 */
export async function openSamples(path: string, { items, users }: State): Promise<Dataset> {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return readSamples(path)
  return importParquet(path, { item: (name) => items.ids.find(name), user: (name) => users.ids.find(name) })
}
