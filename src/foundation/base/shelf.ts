import type { Numbers } from './numbers.ts'

/**
 * Where state lies: arrays under names. Whatever holds state names each of its arrays once, in `shelve`; whoever needs
 * all of them - the memory report, the snapshot, shared memory - is a shelf. The law of `shelve`:
 * - what a replay would come to lies in arrays, numbers included (`Cell`); the rest is scratch that any moment may lose;
 * - it names the same arrays in the same order, whatever they hold.
 */
export interface Shelf {
  /** Takes an array, and gives the one to hold from now on: the same one, one that was kept, one that is shared. */
  array<T extends Numbers>(name: string, held: T): T
  /** Takes the names of parts that are made at run time, and gives those to hold; make the parts, then shelve them. */
  texts(name: string, held: readonly string[]): readonly string[]
  /** Takes all arrays of a part, under its name. */
  part(name: string, part: Shelved): void
}

export interface Shelved {
  shelve(shelf: Shelf): void
}

/** What becomes of an array; `path` tells it from all others of a walk: `items/ids/slots`. */
export interface ShelfVisitor {
  array<T extends Numbers>(path: string, held: T): T
  /** Default: they stay as they are. */
  texts?(path: string, held: readonly string[]): readonly string[]
}

/** Shows every array of a part to a visitor. */
export function visitArrays(part: Shelved, visitor: ShelfVisitor): void {
  part.shelve(shelfAt('', visitor))
}

/** Bytes of all arrays of a part. */
export function bytesOf(part: Shelved): number {
  let sum = 0
  visitArrays(part, {
    array(_path, held) {
      sum += held.byteLength
      return held
    },
  })
  return sum
}

function shelfAt(path: string, visitor: ShelfVisitor): Shelf {
  return {
    array: (name, held) => visitor.array(path + name, held),
    texts: (name, held) => visitor.texts?.(path + name, held) ?? held,
    part: (name, part) => part.shelve(shelfAt(`${path}${name}/`, visitor)),
  }
}
