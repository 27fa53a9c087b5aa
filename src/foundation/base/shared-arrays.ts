import { arraysMade, inShared, type Numbers } from './numbers.ts'
import { type Shelved, visitArrays } from './shelf.ts'

/** Arrays by path, and the names of parts that were made at run time: what one thread gives to another in a message. */
export interface Handover {
  readonly arrays: ReadonlyMap<string, Numbers>
  readonly texts: ReadonlyMap<string, readonly string[]>
}

/** A part whose arrays other threads read: puts them into shared memory, and tells which ones were replaced since. */
export class SharedArrays {
  private readonly part: Shelved
  private readonly arrays = new Map<string, Numbers>()
  private readonly texts = new Map<string, readonly string[]>()
  private seen = -1

  constructor(part: Shelved) {
    this.part = part
    this.changes()
  }

  /** All of them, for a thread that begins. */
  get all(): Handover {
    return { arrays: this.arrays, texts: this.texts }
  }

  /**
   * What is another array than at the last call: it grew, or its part is new. Undefined for nothing, which is found out
   * without a look at the part. Call it while nobody reads.
   */
  changes(): Handover | undefined {
    if (this.seen === arraysMade()) return undefined
    const arrays = new Map<string, Numbers>()
    const texts = new Map<string, readonly string[]>()
    visitArrays(this.part, {
      array: (path, held) => {
        const shared = inShared(held)
        if (this.arrays.get(path) !== shared) arrays.set(path, shared)
        return shared
      },
      texts: (path, held) => {
        if (this.texts.get(path)?.length !== held.length) texts.set(path, [...held])
        return held
      },
    })
    this.seen = arraysMade()
    if (arrays.size === 0 && texts.size === 0) return undefined
    for (const [path, array] of arrays) this.arrays.set(path, array)
    for (const [path, names] of texts) this.texts.set(path, names)
    return { arrays, texts }
  }
}

/** A part of this thread over the arrays of another one's. */
export class BorrowedArrays {
  private readonly part: Shelved
  private readonly arrays = new Map<string, Numbers>()
  private readonly texts = new Map<string, readonly string[]>()

  constructor(part: Shelved) {
    this.part = part
  }

  /** Takes what is new into use. @throws RangeError when the part has an array that was never given */
  take({ arrays, texts }: Handover): void {
    for (const [path, array] of arrays) this.arrays.set(path, array)
    for (const [path, names] of texts) this.texts.set(path, names)
    visitArrays(this.part, {
      array: <T extends Numbers>(path: string, held: T): T => {
        const given = this.arrays.get(path)
        if (given?.constructor !== held.constructor)
          throw new RangeError(`The other thread has no ${path} of this type`)
        return given as T
      },
      texts: (path, held) => this.texts.get(path) ?? held,
    })
  }
}
