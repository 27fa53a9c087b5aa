import { SluiceError } from '../../foundation/base/index.ts'
import {
  type ItemFacts,
  type RankingTables,
  readTwoTower,
  TwoTowerEncoder,
  type TwoTowerManifest,
} from '../../learning/models/index.ts'

/** Name under which towers are registered, and the source that they answer as. */
export const TWO_TOWER = 'two-tower'

/** What a manifest's `config` says of towers. */
export interface TwoTowerEntry {
  readonly model: TwoTowerManifest
  /** Items at the end of each history that were not learnt: with one or more, leave-one-out may judge it. */
  readonly held: number
  /** Milliseconds: nothing was read from this moment on, so a time split from there may judge it. */
  readonly heldFrom?: number
  /** Names of the surfaces by code; empty for a code that training has not met. */
  readonly surfaces: readonly string[]
}

/**
 * Opens towers from the files of a version, or of a draft.
 * @throws SluiceError ERR_MODEL_MANIFEST, ERR_MODEL_INVALID or ERR_EMBEDDINGS_INVALID for files that do not fit
 */
export async function openTowers(
  name: string,
  { model }: TwoTowerEntry,
  path: (file: string) => string,
  facts: ItemFacts,
): Promise<TwoTowerEncoder> {
  if (model?.name !== TWO_TOWER) throw new SluiceError('ERR_MODEL_MANIFEST', [name, 'does not describe two towers'])
  const { users, items, tables } = readTwoTower(model, path)
  return TwoTowerEncoder.open(model.spec, { users, items }, tables as RankingTables, facts)
}
