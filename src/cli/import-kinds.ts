/** The forms that an import reads, for --help; a test holds this list and the importers equal. */
export const importKinds = {
  movielens: 'a MovieLens folder: ml-latest-small, ml-100k, ml-1m and their like',
  retailrocket: 'a RetailRocket folder, or its events file',
  sequences: 'one user per line: the user, then the items in time order',
  csv: 'a CSV file of events',
  items: 'a CSV file of items: id and, if there, title, creator, categories, tags, price, ...',
  jsonl: 'JSON lines of items, users and events, as "sluice export" writes them',
  parquet: 'a Parquet file of events',
} as const
