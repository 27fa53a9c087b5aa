import type { ItemFacts, TwoTowerEncoder } from '../../learning/models/index.ts'
import type { Artifact } from '../../learning/registry/index.ts'
import type { BorrowedIndex } from '../vectors/index.ts'
import type { ItemVectors } from './item-vectors.ts'
import { openTowers, type TwoTowerEntry } from './two-tower-artifact.ts'

interface Opened {
  readonly version: string
  readonly config: TwoTowerEntry
  readonly encoder: TwoTowerEncoder
}

/** A version whose vectors this thread makes. */
export interface Keeping extends Opened {
  readonly items: ItemVectors
  /** Has every item its vector, in an index that is quick? */
  whole: boolean
}

/** A version whose vectors another thread makes: the viewer's tower alone runs here. */
export interface Borrowing extends Opened {
  readonly borrowed: BorrowedIndex
  readonly items: undefined
  readonly whole: true
}

/** Both towers of one version with the index of its items: never those of one with that of another. */
export type TowersVersion = Keeping | Borrowing

export const indexOf = (version: TowersVersion) => (version.items ? version.items.index : version.borrowed)

/** @throws SluiceError for files that do not fit */
export async function openVersion(artifact: Artifact, facts: ItemFacts): Promise<Opened> {
  const { manifest } = artifact
  const config = manifest.config as unknown as TwoTowerEntry
  const name = `${manifest.name}/${manifest.version}`
  const encoder = await openTowers(name, config, (file) => artifact.path(file), facts)
  return { version: manifest.version, config, encoder }
}

/** The first run of a tower is slow. */
export async function warm({ encoder }: TowersVersion): Promise<void> {
  const stranger = { items: [], ago: [], kinds: [], completions: [] }
  await encoder.encodeUsers([{ user: -1, at: 0, surface: 0, history: stranger }])
}

export async function close(version: TowersVersion | undefined): Promise<void> {
  await version?.items?.close()
  await version?.encoder.close()
}

/** Has the items that the tables know by these numbers encoded again, where this thread makes the vectors. */
export function encodeAgain({ items }: TowersVersion, changed: Uint32Array, facts: ItemFacts, size: number): void {
  if (!items || changed.length === 0) return
  const ids = new Set(changed)
  const rows: number[] = []
  for (let row = 0; row < size; row++) if (ids.has(facts.keys?.item(row) ?? row)) rows.push(row)
  items.again(rows)
}
