import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { SluiceError, systemClock } from '../../foundation/base/index.ts'
import { type IndexChange, Shelf, type ShelvedIndex } from '../../serving/vectors/index.ts'
import { folderOf } from '../folder.ts'

/** An index of a data folder, with the source that searches it. */
export type ListedIndex = ShelvedIndex & { readonly source: string }

/** The indexes of a data folder; a running server follows what is changed here within half a second. */
export function indexShelves(data: string): {
  list(): ListedIndex[]
  /** What was swapped and why, oldest first. @throws SluiceError ERR_INDEX_STATE for a source without indexes */
  log(source: string): readonly IndexChange[]
  /** @throws SluiceError ERR_INDEX_STATE when there is nothing to go back to */
  rollback(source: string, why: string): { readonly from: string; readonly to: string }
} {
  const { indexes } = folderOf(data)
  const sources = () => (existsSync(indexes) ? readdirSync(indexes).sort() : [])
  const shelfOf = (source: string): Shelf => {
    if (!sources().includes(source)) {
      const known = sources().join(', ') || 'none yet'
      throw new SluiceError('ERR_INDEX_STATE', ['find the index of', source, `sources with an index are: ${known}`])
    }
    return new Shelf(join(indexes, source), systemClock)
  }
  return {
    list: () =>
      sources().flatMap((source) =>
        shelfOf(source)
          .list()
          .map((one) => ({ source, ...one })),
      ),
    log: (source) => shelfOf(source).pointer.log,
    rollback: (source, why) => shelfOf(source).rollback(why),
  }
}
