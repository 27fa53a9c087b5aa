import { Column, type Shelf } from '../../../foundation/base/index.ts'
import type { Config } from '../../../domain/index.ts'
import type { AppliedEvent, Items, Projection } from '../../../stream/catalog/index.ts'
import type { Histories } from '../../../stream/features/index.ts'
import type { Retrieved } from '../../pipeline/index.ts'
import { Accumulator } from './accumulator.ts'
import { Neighbours } from './neighbours.ts'

/** Weights of the items that came 1, 2, ... places before: 60 / distance. */
const FOLLOW_WEIGHTS = [60, 30, 20, 15, 12] as const
/** Pseudo-users in the denominators: pairs seen a few times stand back. */
const SHRINKAGE = 5
const FOLLOW_SHRINKAGE = 60

/**
 * Incremental item-kNN (Sarwar et al., WWW 2001): how many users consumed both of two items, and what followed what.
 * Stands on `Histories`, which must have folded the event before: the item of the event is then already in the
 * history. A pair counts once per user: when the event of the one arrives for the first time and the other is in the
 * history at most `covisitSpan` places away. (A repeat does not count: `consumed` grew with the first time only.)
 */
export class CoVisitation implements Projection {
  readonly name = 'covisitation'
  private readonly items: Items
  private readonly histories: Histories
  private readonly span: number
  private readonly both: Neighbours
  private readonly after: Neighbours
  private readonly users = new Column(Uint32Array) // per item: users who consumed it
  private readonly leads = new Column(Uint32Array) // per item: weight given as predecessor
  private readonly follows = new Column(Uint32Array) // per item: weight received as successor
  private readonly tails = new Column(Uint32Array) // per user: last of `consumed` that was counted, + 1
  private readonly sums = new Accumulator()

  constructor(items: Items, histories: Histories, config: Pick<Config['retrieval'], 'neighbours' | 'covisitSpan'>) {
    this.items = items
    this.histories = histories
    this.span = config.covisitSpan
    this.both = new Neighbours(config.neighbours)
    this.after = new Neighbours(config.neighbours)
  }

  apply(event: AppliedEvent): void {
    const { user, item } = event
    if (user < 0 || item < 0 || !event.consumes || !this.isFirst(user, item) || !(event.strength > 0)) return
    for (const column of [this.users, this.leads, this.follows]) column.ensure(item)
    this.users.array[item]++
    const place = this.placeOf(user, item)
    if (place < 0) return
    const length = this.histories.length(user)
    const last = Math.min(length - 1, place + this.span)
    for (let back = Math.max(0, place - this.span); back <= last; back++) {
      if (back === place) continue // after it in time only when this event came late
      const other = this.histories.item(user, back)
      this.both.add(item, other, 1)
      this.both.add(other, item, 1)
    }
    for (let distance = 1; distance <= FOLLOW_WEIGHTS.length && place + distance < length; distance++) {
      const before = this.histories.item(user, place + distance)
      const weight = FOLLOW_WEIGHTS[distance - 1] as number
      for (const column of [this.leads, this.follows]) column.ensure(before)
      this.after.add(before, item, weight)
      this.leads.array[before] += weight
      this.follows.array[item] += weight
    }
  }

  /** Counts are sums over users and name none; what marks the user's place in them goes. */
  forget(user: number): void {
    this.tails.clear(user)
  }

  shelve(shelf: Shelf): void {
    for (const name of ['both', 'after', 'users', 'leads', 'follows', 'tails'] as const) shelf.part(name, this[name])
  }

  /** Users who consumed both, as far as it is still held. */
  countOf(a: number, b: number): number {
    return Math.max(this.both.countOf(a, b), this.both.countOf(b, a))
  }

  /** Cosine of the two items' sets of users, shrunk: c / (sqrt(n_a n_b) + 5). 0 to 1. */
  likeness(a: number, b: number): number {
    return this.cosine(a, b, this.countOf(a, b))
  }

  /** Most alike items, best first: for the similar-items API. */
  neighboursOf(row: number, limit: number): Retrieved {
    this.sums.clear()
    this.addNeighbours(row, 1)
    return this.sums.top(limit, (other) => other !== row && this.items.has(other))
  }

  /** What is like a set of items, weighted. Items of the set itself are left out. */
  like(rows: ArrayLike<number>, weights: ArrayLike<number>, limit: number): Retrieved {
    this.sums.clear()
    for (let i = 0; i < rows.length; i++) this.addNeighbours(rows[i], weights[i])
    const own = new Set(Array.from(rows))
    return this.sums.top(limit, (row) => !own.has(row) && this.items.has(row))
  }

  /** What users went on to within a few items after this one, best first; then what is like it. */
  followersOf(row: number, limit: number): Retrieved {
    this.sums.clear()
    const undirected = 0.1 // so that what followed comes first and the rest is filled
    this.addNeighbours(row, undirected)
    for (let place = 0; place < this.after.room(row); place++) {
      if (this.after.count(row, place) === 0) continue
      const next = this.after.neighbour(row, place)
      const scale = Math.sqrt(this.leads.array[row] * this.follows.array[next])
      this.sums.add(next, this.after.count(row, place) / (scale + FOLLOW_SHRINKAGE))
    }
    return this.sums.top(limit, (other) => other !== row && this.items.has(other))
  }

  private addNeighbours(row: number, weight: number): void {
    for (let place = 0; place < this.both.room(row); place++) {
      const count = this.both.count(row, place)
      if (count === 0) continue
      const other = this.both.neighbour(row, place)
      this.sums.add(other, weight * this.cosine(row, other, count))
    }
  }

  private cosine(a: number, b: number, count: number): number {
    if (count === 0) return 0
    return count / (Math.sqrt(this.users.array[a] * this.users.array[b]) + SHRINKAGE)
  }

  /** Did this event put the item at the end of the user's consumed items? */
  private isFirst(user: number, item: number): boolean {
    const { consumed } = this.histories
    const length = consumed.length(user)
    if (length === 0 || consumed.at(user, length - 1) !== item) return false
    this.tails.ensure(user)
    if (this.tails.array[user] === item + 1) return false
    this.tails.array[user] = item + 1
    return true
  }

  private placeOf(user: number, item: number): number {
    const length = this.histories.length(user)
    for (let back = 0; back < length; back++) if (this.histories.item(user, back) === item) return back
    return -1
  }
}
