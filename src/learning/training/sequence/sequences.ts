import type { Sequences, SequenceSplit } from '../../../stream/samples/index.ts'
import type { Times } from './times.ts'

/** What users had, in time order: user u has the places from starts[u] to starts[u + 1] of `item`. */
export interface Histories extends Pick<Sequences, 'users' | 'items' | 'starts' | 'item' | 'near'> {
  /** Where it is known of some items when they came out. */
  readonly times?: Times
}

/** What is learnt and what is asked; the places before validFrom are learnt. */
export type Split = Pick<SequenceSplit, 'validFrom' | 'testFrom'>

/**
 * From plain lists of item rows.
 * @throws RangeError for an item outside the catalogue
 */
export function historiesOf(lists: Iterable<ArrayLike<number>>, items: number): Histories {
  const held = [...lists]
  const starts = new Uint32Array(held.length + 1)
  for (const [user, list] of held.entries()) starts[user + 1] = starts[user] + list.length
  const item = new Uint32Array(starts[held.length])
  let at = 0
  for (const list of held) {
    for (let i = 0; i < list.length; i++) {
      const row = list[i]
      if (!(Number.isInteger(row) && row >= 0 && row < items)) {
        throw new RangeError(`Cannot use item row ${row} of a catalogue of ${items}`)
      }
      item[at++] = row
    }
  }
  return { users: held.length, items, starts, item }
}

/** Questions: after the places from starts[i] up to targets[i], which item comes? It is the one at targets[i]. */
export interface Cases {
  readonly starts: Uint32Array
  readonly targets: Uint32Array
}

/** One question per user who has something before `from` and something from there on. */
export function casesAt({ users, starts }: Histories, from: Uint32Array, until: ArrayLike<number>): Cases {
  const asked = Array.from({ length: users }, (_, user) => user).filter(
    (user) => from[user] > starts[user] && until[user] > from[user],
  )
  return {
    starts: Uint32Array.from(asked, (user) => starts[user]),
    targets: Uint32Array.from(asked, (user) => from[user]),
  }
}

export const validationCases = (histories: Histories, split: Split): Cases =>
  casesAt(histories, split.validFrom, split.testFrom)

export const testCases = (histories: Histories, split: Split): Cases =>
  casesAt(histories, split.testFrom, histories.starts.subarray(1))

/** Every n-th case, spread over all, so that at most `count` are left: the same ones on every call. */
export function someOf({ starts, targets }: Cases, count: number): Cases {
  if (starts.length <= count) return { starts, targets }
  const chosen = Array.from({ length: count }, (_, i) => Math.floor((i * starts.length) / count))
  return {
    starts: Uint32Array.from(chosen, (i) => starts[i]),
    targets: Uint32Array.from(chosen, (i) => targets[i]),
  }
}
