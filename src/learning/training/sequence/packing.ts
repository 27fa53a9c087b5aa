import type { Random } from '../../../foundation/base/index.ts'
import type { Histories, Split } from './sequences.ts'

/** Rows of a batch, filled with windows: window w reads the places starts[w]..+lengths[w] and learns what follows each. */
export interface PackedEpoch {
  readonly starts: Uint32Array
  readonly lengths: Uint32Array
  /** Row r holds the windows from ends[r - 1] up to ends[r]. */
  readonly ends: Uint32Array
}

/** Rows that may still take a window. More fill better; fewer keep the order more random. */
const OPEN_ROWS = 64

/**
 * One pass over all that training may see, in random order, packed tightly into rows of `length` places. Every item after
 * a user's first is learnt once. A history longer than `length` is cut at a random offset, so that over the epochs an
 * item is met after many lengths of past.
 */
export function packEpoch(histories: Histories, { validFrom }: Split, length: number, random: Random): PackedEpoch {
  const windows = windowsOf(histories, validFrom, length, random)
  const order = random.shuffle(Uint32Array.from({ length: windows.starts.length }, (_, i) => i))
  const rows = pack(windows.lengths, order, length)
  random.shuffle(rows)
  const flat = rows.flat()
  let end = 0
  return {
    starts: Uint32Array.from(flat, (w) => windows.starts[w]),
    lengths: Uint32Array.from(flat, (w) => windows.lengths[w]),
    ends: Uint32Array.from(rows, (row) => (end += row.length)),
  }
}

/** Best fit: each window, in order, goes to the open row it fills best. Gives the windows of each row. */
export function pack(lengths: ArrayLike<number>, order: Iterable<number>, room: number): number[][] {
  const open: { room: number; windows: number[] }[] = []
  const rows: number[][] = []
  for (const w of order) {
    let best = -1
    let fullest = 0
    for (let i = 0; i < open.length; i++) {
      if (open[i].room >= lengths[w] && (best < 0 || open[i].room < open[best].room)) best = i
      if (open[i].room < open[fullest].room) fullest = i
    }
    if (best < 0) {
      if (open.length === OPEN_ROWS) rows.push(open.splice(fullest, 1)[0].windows)
      best = open.push({ room, windows: [] }) - 1
    }
    const row = open[best]
    row.windows.push(w)
    row.room -= lengths[w]
    if (row.room === 0) rows.push(open.splice(best, 1)[0].windows)
  }
  rows.push(...open.map((row) => row.windows))
  return rows
}

function windowsOf(
  { users, starts: firsts }: Histories,
  until: Uint32Array,
  length: number,
  random: Random,
): { starts: number[]; lengths: number[] } {
  const starts: number[] = []
  const lengths: number[] = []
  for (let user = 0; user < users; user++) {
    const first = firsts[user]
    const inputs = until[user] - 1 - first // the last one seen is a target only
    let at = inputs > length ? random.int(length) - length : 0
    for (; at < inputs; at += length) {
      const from = Math.max(0, at)
      const to = Math.min(inputs, at + length)
      if (to <= from) continue
      starts.push(first + from)
      lengths.push(to - from)
    }
  }
  return { starts, lengths }
}
