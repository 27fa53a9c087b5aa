import { Candidates } from './candidates.ts'
import type { Retrieved } from './contracts.ts'

/** Constant of reciprocal rank fusion (Cormack, Clarke, Buettcher, SIGIR 2009). */
const RRF_K = 60

/** Remembers where a row stands in the merged list; emptied in constant time. */
class Places {
  private turns = new Uint32Array(4096)
  private places = new Uint32Array(4096)
  private turn = 0

  clear(): void {
    if (++this.turn === 0xffffffff) {
      this.turns.fill(0)
      this.turn = 1
    }
  }

  /** The place of a row, or -1. */
  find(row: number): number {
    return row < this.turns.length && this.turns[row] === this.turn ? this.places[row] : -1
  }

  set(row: number, place: number): void {
    if (row >= this.turns.length) {
      const length = Math.max(row + 1, this.turns.length * 2)
      this.turns = lengthened(this.turns, length)
      this.places = lengthened(this.places, length)
    }
    this.turns[row] = this.turn
    this.places[row] = place
  }
}

const places = new Places() // merging never awaits, so one is enough

/**
 * Merges the lists of all sources: each item once, with the score and rank of every source that proposed it.
 * Retrieval score: sum over sources of weight / (60 + rank). Order: that of the first proposal.
 */
export function merge(
  names: readonly string[],
  lists: readonly (Retrieved | undefined)[],
  weights: readonly number[],
): Candidates {
  places.clear()
  let count = 0
  for (const list of lists) {
    for (let i = 0; i < (list?.rows.length ?? 0); i++) {
      const row = (list as Retrieved).rows[i]
      if (places.find(row) < 0) places.set(row, count++)
    }
  }
  const merged = new Candidates(names, count)
  for (let s = 0; s < lists.length; s++) {
    const list = lists[s]
    for (let i = 0; i < (list?.rows.length ?? 0); i++) {
      const row = (list as Retrieved).rows[i]
      const place = places.find(row)
      const cell = place * names.length + s
      if (merged.sourceRanks[cell] !== 0) continue // proposed twice by one source
      merged.rows[place] = row
      merged.mask[place] |= 1 << s
      merged.sourceScores[cell] = (list as Retrieved).scores[i]
      merged.sourceRanks[cell] = Math.min(i + 1, 65_535)
      merged.retrievalScores[place] += (weights[s] ?? 0) / (RRF_K + i + 1)
    }
  }
  merged.coarseScores.set(merged.retrievalScores)
  merged.scores.set(merged.retrievalScores)
  return merged
}

function lengthened(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(length)
  grown.set(array)
  return grown
}
