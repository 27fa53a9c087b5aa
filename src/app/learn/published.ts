import { DAY } from '../../foundation/base/index.ts'
import type { State } from '../../stream/catalog/index.ts'

/**
 * When items came out: by their date, or without one by when they were put. One without a date that was put long after it
 * was consumed came with a catalogue that was put behind its events: of it nobody knows (NaN). `met`: milliseconds of the first consumption.
 */
export function publishedIn({ items: { published, added } }: State): (row: number, met: number) => number {
  return (row, met) => {
    const out = published.array[row]
    return out === added.array[row] && out > met + DAY ? Number.NaN : out
  }
}
