import type { VectorIndex } from '../vector-index.ts'
import { type Generation, type LifeGround, openKeyed, openOr } from './ground.ts'
import type { KeyedRows } from './keys.ts'
import { IndexLife } from './life.ts'
import { versionOf } from './shelf.ts'

/**
 * The life of the index over a version of embeddings. Where rows last, with the live index from the shelf when it is of
 * that version and sound, or the one before it; otherwise with an exact one made from the embeddings, until an inverted
 * file was built. What is refused is told. Have it `serve` when it does.
 */
export function openLife(ground: LifeGround, version: string, exact: () => VectorIndex): IndexLife {
  const kept = ground.keys ? undefined : fromShelf(ground, version, (name) => openOr(ground, name))
  if (kept) return new IndexLife(ground, version, kept)
  return new IndexLife(ground, version, { name: `${version}@exact`, index: exact() })
}

/**
 * Where rows may be others than when it was written: the life of the index on the shelf, with the vectors that `living`
 * still have. Those of them that it lacks are to be put. Undefined when there is none of this version that is sound.
 */
export function openKept(ground: LifeGround, version: string, living: KeyedRows): IndexLife | undefined {
  const kept = fromShelf(ground, version, (name) => openKeyed(ground, name, living))
  return kept && new IndexLife(ground, version, kept)
}

function fromShelf(
  { shelf }: LifeGround,
  version: string,
  open: (name: string) => Generation | undefined,
): Generation | undefined {
  const { live, before, past } = shelf.pointer
  for (const name of [live, before?.name, past?.name]) {
    if (!name || versionOf(name) !== version || !name.includes('@ivf-')) continue
    const opened = open(name)
    if (opened) return opened
  }
  return undefined
}
