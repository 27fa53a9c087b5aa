import { Cell, Column, PairTable, type Shelf, type Shelved } from '../../../foundation/base/index.ts'
import { DecayedRows, type DecayScale } from '../../../stream/features/index.ts'

/** Pairs looked at when room is needed for a new one. */
const LOOK = 8

/**
 * Decayed sums per (segment, item), and the items with the largest sums of every segment. Forward-decayed sums only
 * ever grow and keep their order as time goes by, so a small heap per segment, worst on top, holds exactly the best
 * `depth` items: one that is outside comes in when its own event lifts it over the worst. At most `pairsMax` pairs
 * are held; for a new one beyond that the least of a few in turn goes (an approximation that only such catalogues see).
 */
export class TopSums implements Shelved {
  readonly scale: DecayScale
  readonly totals: DecayedRows
  private readonly sums: DecayedRows
  private readonly pairs = new PairTable()
  private readonly places = new Column(Uint32Array) // by slot: place in its segment's heap + 1, or 0
  private readonly heaps: Column<Uint32Array> // [segment x depth] slots
  private readonly sizes = new Column(Uint32Array)
  private readonly depth: number
  private readonly pairsMax: number
  private readonly hand = new Cell()

  constructor(scale: DecayScale, options: { depth: number; pairsMax: number }) {
    this.scale = scale
    this.depth = options.depth
    this.pairsMax = options.pairsMax
    this.totals = new DecayedRows(scale)
    this.sums = new DecayedRows(scale)
    this.heaps = new Column(Uint32Array, { width: options.depth, rows: 1 })
  }

  add(segment: number, item: number, at: number, amount: number): void {
    let slot = this.pairs.find(segment, item)
    if (slot < 0) {
      if (this.pairs.size >= this.pairsMax) this.makeRoom()
      slot = this.pairs.slot(segment, item)
      this.places.ensure(slot)
    }
    this.totals.add(segment, 0, at, amount)
    this.sums.add(slot, 0, at, amount)
    this.lift(segment, slot)
  }

  /** Sum of an item in a segment, before the read's factor. */
  raw(segment: number, item: number): number {
    const slot = this.pairs.find(segment, item)
    return slot < 0 ? 0 : this.sums.raw(slot)
  }

  /** Items with the largest sums of a segment, at most `depth`, in no order. */
  each(segment: number, visit: (item: number) => void): void {
    const size = segment < this.sizes.rows ? this.sizes.array[segment] : 0
    for (let i = 0; i < size; i++) visit(this.pairs.secondOf(this.heaps.array[segment * this.depth + i]))
  }

  shelve(shelf: Shelf): void {
    for (const name of ['scale', 'totals', 'sums', 'pairs', 'places', 'heaps', 'sizes', 'hand'] as const)
      shelf.part(name, this[name])
  }

  private lift(segment: number, slot: number): void {
    this.sizes.ensure(segment)
    this.heaps.ensure(segment)
    const { array: sizes } = this.sizes
    if (this.places.array[slot] > 0) this.sink(segment, this.places.array[slot] - 1, slot)
    else if (sizes[segment] < this.depth) this.rise(segment, sizes[segment]++, slot)
    else {
      const worst = this.heaps.array[segment * this.depth]
      if (!this.less(worst, slot)) return
      this.places.array[worst] = 0
      this.sink(segment, 0, slot)
    }
  }

  /** Is slot a worse than slot b? Ties: the higher item row is worse. */
  private less(a: number, b: number): boolean {
    const x = this.sums.raw(a)
    const y = this.sums.raw(b)
    return x < y || (x === y && this.pairs.secondOf(a) > this.pairs.secondOf(b))
  }

  private put(segment: number, place: number, slot: number): void {
    this.heaps.array[segment * this.depth + place] = slot
    this.places.array[slot] = place + 1
  }

  private rise(segment: number, start: number, slot: number): void {
    let place = start
    while (place > 0) {
      const parent = (place - 1) >> 1
      const above = this.heaps.array[segment * this.depth + parent]
      if (!this.less(slot, above)) break
      this.put(segment, place, above)
      place = parent
    }
    this.put(segment, place, slot)
  }

  private sink(segment: number, start: number, slot: number): void {
    const size = this.sizes.array[segment]
    const base = segment * this.depth
    let place = start
    for (;;) {
      let child = 2 * place + 1
      if (child >= size) break
      const { array } = this.heaps
      if (child + 1 < size && this.less(array[base + child + 1], array[base + child])) child++
      if (!this.less(array[base + child], slot)) break
      this.put(segment, place, array[base + child])
      place = child
    }
    this.put(segment, place, slot)
  }

  /** Frees the least of the next few pairs; one that is in a heap stays unless all looked at are. */
  private makeRoom(): void {
    let victim = -1
    for (let i = 0; i < LOOK; i++) {
      const slot = (this.hand.value + 1) % this.pairs.slots
      this.hand.value = slot
      if (!this.pairs.held(slot)) continue
      if (victim < 0 || this.expendable(slot, victim)) victim = slot
    }
    if (victim < 0) return
    const segment = this.pairs.firstOf(victim)
    if (this.places.array[victim] > 0) this.leave(segment, this.places.array[victim] - 1)
    this.sums.clear(victim)
    this.places.array[victim] = 0
    this.pairs.remove(segment, this.pairs.secondOf(victim))
  }

  private expendable(a: number, b: number): boolean {
    const inHeap = Math.min(1, this.places.array[a]) - Math.min(1, this.places.array[b])
    return inHeap < 0 || (inHeap === 0 && this.less(a, b))
  }

  private leave(segment: number, place: number): void {
    const last = --this.sizes.array[segment]
    const moved = this.heaps.array[segment * this.depth + last]
    if (place === last) return
    const parent = (place - 1) >> 1
    if (place > 0 && this.less(moved, this.heaps.array[segment * this.depth + parent])) this.rise(segment, place, moved)
    else this.sink(segment, place, moved)
  }
}
