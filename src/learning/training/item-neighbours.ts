import { TopK } from '../../foundation/base/index.ts'
import type { RetrievalCases } from './two-tower/cases.ts'
import { LAST_RANK } from './two-tower/evaluate.ts'

/** Latest items of a user that are paired with each other: who watches all day does not cost the square of it. */
const BASKET_MAX = 200
/** Most alike items kept per item. */
const NEIGHBOURS = 128
/** Pseudo-users in the denominator: pairs seen a few times stand back. */
const SHRINKAGE = 5
/** Latest items of the viewer that are asked with, and how many items ago one counts half. */
const ASKED_MAX = 50
const HALF = 3

interface Alike {
  readonly rows: Uint32Array
  readonly scores: Float32Array
}

/**
 * Item-kNN (Sarwar et al., WWW 2001), the plain rival of retrieval models: the cosine of two items' sets of users, shrunk,
 * c / (sqrt(n_a n_b) + 5), and an item's score is the sum over the viewer's latest items of 2^(-back / 3) times it: what the
 * source `covisit` serves, but exact and made at once. Neighbours of an item are counted when they are first asked for.
 */
export class ItemNeighbours {
  private readonly baskets: readonly Uint32Array[]
  /** Users by item: those of item i stand from starts[i] to starts[i + 1]. */
  private readonly starts: Uint32Array
  private readonly users: Uint32Array
  private readonly both: Uint32Array
  private readonly known = new Map<number, Alike>()

  /** @param baskets per user the rows of items they consumed, each once, the latest last */
  constructor(items: number, baskets: Iterable<ArrayLike<number>>) {
    this.baskets = Array.from(baskets, (basket) => latest(basket, BASKET_MAX))
    this.starts = new Uint32Array(items + 1)
    this.both = new Uint32Array(items)
    for (const basket of this.baskets) for (const row of basket) this.starts[row + 1]++
    for (let row = 0; row < items; row++) this.starts[row + 1] += this.starts[row]
    const next = this.starts.slice()
    this.users = new Uint32Array(this.starts[items])
    for (const [user, basket] of this.baskets.entries()) for (const row of basket) this.users[next[row]++] = user
  }

  /** Scores above zero by item row, for a viewer's history with the latest item last. */
  like(history: ArrayLike<number>): ReadonlyMap<number, number> {
    const sums = new Map<number, number>()
    const asked = latest(history, ASKED_MAX)
    for (const [place, row] of asked.entries()) {
      const weight = 2 ** ((place + 1 - asked.length) / HALF)
      const { rows, scores } = this.alike(row)
      for (let i = 0; i < rows.length; i++) sums.set(rows[i], (sums.get(rows[i]) ?? 0) + weight * scores[i])
    }
    return sums
  }

  private alike(row: number): Alike {
    const held = this.known.get(row)
    if (held) return held
    const { both } = this
    const met: number[] = []
    for (let at = this.starts[row]; at < this.starts[row + 1]; at++)
      for (const other of this.baskets[this.users[at]] as Uint32Array) if (both[other]++ === 0) met.push(other)
    const top = new TopK(NEIGHBOURS)
    for (const other of met.sort((a, b) => a - b)) {
      if (other !== row)
        top.offer(other, both[other] / (Math.sqrt(this.usersOf(row) * this.usersOf(other)) + SHRINKAGE))
      both[other] = 0
    }
    const alike = top.take()
    this.known.set(row, alike)
    return alike
  }

  private usersOf(row: number): number {
    return this.starts[row + 1] - this.starts[row]
  }
}

/** The rank, from 1, of each case's item among the catalogue; ties count against it, and what is like nothing has the last. */
export function ranksByNeighbours(
  neighbours: ItemNeighbours,
  { wanted, seen, there = () => () => true }: Pick<RetrievalCases, 'wanted' | 'seen' | 'there'>,
  catalogue: Iterable<number>,
): Uint32Array {
  const ranked = new Set(catalogue)
  return wanted.map((item, i) => {
    const history = Uint32Array.from(seen(i))
    const scores = neighbours.like(history)
    const own = scores.get(item)
    if (own === undefined || !ranked.has(item)) return LAST_RANK
    const had = new Set(history)
    const takesPart = there(i)
    const ahead = (row: number) => row !== item && ranked.has(row) && !had.has(row) && takesPart(row)
    let rank = 1
    for (const [row, score] of scores) if (score >= own && ahead(row)) rank++
    return rank
  })
}

function latest(rows: ArrayLike<number>, most: number): Uint32Array {
  return Uint32Array.from(rows).subarray(Math.max(0, rows.length - most))
}
