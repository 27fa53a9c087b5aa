/** Histories of many users in two arrays: rows[ends[u - 1]..ends[u]) are the items of user u, in time order. */
export interface Sequences {
  /** Item rows, 0 to below `items`. */
  readonly rows: Uint32Array
  readonly ends: Uint32Array
  /** Size of the catalogue. */
  readonly items: number
}

/** @throws RangeError for an item outside the catalogue */
export function sequencesOf(users: Iterable<ArrayLike<number>>, items: number): Sequences {
  const held = [...users]
  const ends = new Uint32Array(held.length)
  let size = 0
  for (const [user, history] of held.entries()) ends[user] = size += history.length
  const rows = new Uint32Array(size)
  let at = 0
  for (const history of held) {
    for (let i = 0; i < history.length; i++) {
      const row = history[i]
      if (!(Number.isInteger(row) && row >= 0 && row < items)) {
        throw new RangeError(`Cannot use item row ${row} of a catalogue of ${items}`)
      }
      rows[at++] = row
    }
  }
  return { rows, ends, items }
}

export const startOf = ({ ends }: Sequences, user: number): number => (user === 0 ? 0 : ends[user - 1])

/** One question: after rows[start..target), which item comes? It is rows[target]. */
export interface Cases {
  readonly starts: Uint32Array
  readonly targets: Uint32Array
}

/**
 * The item that is `fromEnd` places before each user's last one, after all that came before it: 0 is the test item of
 * leave-one-out, 1 the validation item. Users with fewer than 3 items are left out: they keep nothing to learn from.
 */
export function leaveOneOut(sequences: Sequences, fromEnd: number): Cases {
  const starts: number[] = []
  const targets: number[] = []
  for (let user = 0; user < sequences.ends.length; user++) {
    const start = startOf(sequences, user)
    const end = sequences.ends[user]
    if (end - start < 3) continue
    starts.push(start)
    targets.push(end - 1 - fromEnd)
  }
  return { starts: Uint32Array.from(starts), targets: Uint32Array.from(targets) }
}

/** Every n-th case, spread over all, so that at most `count` are left: the same ones on every call. */
export function someOf({ starts, targets }: Cases, count: number): Cases {
  if (starts.length <= count) return { starts, targets }
  const chosen = Array.from({ length: count }, (_, i) => Math.floor((i * starts.length) / count))
  return {
    starts: Uint32Array.from(chosen, (i) => starts[i]),
    targets: Uint32Array.from(chosen, (i) => targets[i]),
  }
}
