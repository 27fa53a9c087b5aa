import type { Importer, ImportKind } from './contract.ts'
import { jsonl } from './jsonl.ts'
import { movielens } from './movielens/importer.ts'
import { retailrocket } from './retailrocket/importer.ts'
import { sequences } from './sequences.ts'
import { csv } from './tables/csv.ts'
import { items } from './tables/items.ts'
import { parquet } from './tables/parquet.ts'

/** Every kind of source there is an importer for. */
export const importers: Readonly<Record<ImportKind, Importer>> = {
  movielens,
  retailrocket,
  csv,
  items,
  jsonl,
  parquet,
  sequences,
}
