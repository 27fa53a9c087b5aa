import { Cell, Column, PairTable, type Shelf, type Shelved } from '../../foundation/base/index.ts'
import { DecayedRows, type DecayScale } from './decayed.ts'

/** Pairs looked at when room is needed for a new one. */
const LOOK = 8
/** Pairs looked at for every new one where they fade: more than one, so that they go faster than new ones come. */
const SWEEP = 2

/**
 * One decayed sum per pair of rows. When `pairsMax` are held, a new pair makes room: of the next few pairs in turn, all
 * that have decayed below `epsilon` go, or else the smallest one. With `fades` every new pair looks at the next two in
 * turn, so that memory follows the pairs that still count. So memory and the cost of an event are bounded.
 */
export class DecayedPairs implements Shelved {
  readonly scale: DecayScale
  private readonly table = new PairTable()
  private readonly sums: DecayedRows
  private readonly counts = new Column(Uint32Array) // pairs held per first row
  private readonly pairsMax: number
  private readonly epsilon: number
  private readonly fades: boolean
  private readonly hand = new Cell()

  constructor(scale: DecayScale, options: { pairsMax: number; epsilon: number; fades?: boolean }) {
    this.scale = scale
    this.sums = new DecayedRows(scale)
    this.pairsMax = options.pairsMax
    this.epsilon = options.epsilon
    this.fades = options.fades ?? false
  }

  get size(): number {
    return this.table.size
  }

  add(a: number, b: number, at: number, amount = 1): void {
    let slot = this.table.find(a, b)
    if (slot < 0) {
      if (this.fades) this.sweep(SWEEP)
      if (this.table.size >= this.pairsMax) this.makeRoom()
      slot = this.table.slot(a, b)
      this.counts.ensure(a)
      this.counts.array[a]++
    }
    this.sums.add(slot, 0, at, amount)
  }

  /** The sum before the read's factor; 0 for a pair not held. */
  raw(a: number, b: number): number {
    const slot = this.table.find(a, b)
    return slot < 0 ? 0 : this.sums.raw(slot)
  }

  remove(a: number, b: number): void {
    const slot = this.table.remove(a, b)
    if (slot < 0) return
    this.sums.clear(slot)
    this.counts.array[a]--
  }

  /** Removes all pairs of a first row. Walks the table, unless the row has no pair: for erasures, not for events. */
  forget(a: number): void {
    if (a >= this.counts.rows || this.counts.array[a] === 0) return
    const partners: number[] = []
    this.table.each((first, second) => {
      if (first === a) partners.push(second)
    })
    for (const b of partners) this.remove(a, b)
  }

  /** Everything but the scale, which is shelved by whoever made it. */
  shelve(shelf: Shelf): void {
    for (const name of ['table', 'sums', 'counts', 'hand'] as const) shelf.part(name, this[name])
  }

  private makeRoom(): void {
    const smallest = this.sweep(LOOK)
    if (this.table.size >= this.pairsMax && smallest >= 0)
      this.remove(this.table.firstOf(smallest), this.table.secondOf(smallest))
  }

  /** Looks at the next few pairs and removes those below epsilon; gives the slot of the smallest that stays, or -1. */
  private sweep(look: number): number {
    const { table, hand } = this
    const factor = this.scale.factorNow
    let least = Number.POSITIVE_INFINITY
    let smallest = -1
    for (let i = 0; i < look && table.slots > 0; i++) {
      hand.value = (hand.value + 1) % table.slots
      const slot = hand.value
      if (!table.held(slot)) continue
      const value = Math.abs(this.sums.raw(slot)) * factor
      if (value < this.epsilon) this.remove(table.firstOf(slot), table.secondOf(slot))
      else if (value < least) {
        least = value
        smallest = slot
      }
    }
    return smallest
  }
}
