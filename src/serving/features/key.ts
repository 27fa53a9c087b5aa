import type { Keeper } from './stored-columns.ts'

/** Names what lies where. The digest of the features is part of it: versions with other columns never mix. */
export function keyOf(digest: string, keeper: Keeper, id: string): string {
  return `sluice:${digest}:${keeper}:${id}`
}
