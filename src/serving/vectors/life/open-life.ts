import type { VectorIndex } from '../vector-index.ts'
import { type LifeGround, openOr } from './ground.ts'
import { IndexLife } from './life.ts'
import { versionOf } from './shelf.ts'

/**
 * The life of the index over a version of embeddings: with the live index from the shelf when it is of that version and
 * sound, or the one before it; otherwise with an exact one made from the embeddings, until an inverted file was built.
 * What is refused is told. `rowsLast`: rows mean the same after a restart; otherwise the shelf's files are not read.
 */
export function openLife(ground: LifeGround, version: string, exact: () => VectorIndex, rowsLast = true): IndexLife {
  const { shelf, limits } = ground
  const { live, before } = shelf.pointer
  for (const name of rowsLast ? [live, before?.name] : []) {
    if (!name || versionOf(name) !== version || !name.includes('@ivf-')) continue
    const opened = openOr(ground, name)
    if (!opened) continue
    if (name !== live) shelf.promote(name, `${live} cannot be opened`, limits.keepMs)
    return new IndexLife(ground, version, opened)
  }
  const name = `${version}@exact`
  if (live !== name) shelf.promote(name, `embeddings ${version}`, limits.keepMs)
  return new IndexLife(ground, version, { name, index: exact() })
}
