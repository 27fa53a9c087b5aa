import { Cell, Column, DAY, type Shelf } from '../../../foundation/base/index.ts'
import type { Config, Kinds } from '../../../domain/index.ts'
import type { AppliedEvent, Items, Projection } from '../../../stream/catalog/index.ts'

/** Newest items kept in order of birth; older ones cannot be drawn any more. */
export const NEWEST_MAX = 20_000

/**
 * Which items are new and little shown. Born: when it was published, or added where it does not say, or at its first
 * event if that was earlier - so a catalogue that is imported with its past is not all new. Shown: impressions, or
 * consumptions where those are more (a platform that reports no impressions). A deleted item is not fresh.
 */
export class FreshItems implements Projection {
  readonly name = 'fresh'
  private readonly items: Items
  private readonly impression: number
  private readonly span: number
  private readonly impressionsMax: number
  private readonly born = new Column(Float64Array, { initial: Number.NaN })
  private readonly first = new Column(Float64Array, { initial: Number.POSITIVE_INFINITY })
  private readonly impressions = new Column(Uint32Array)
  private readonly consumed = new Column(Uint32Array)
  private newest = new Uint32Array(NEWEST_MAX) // item rows by birth, then row; ascending
  private readonly count = new Cell()

  constructor(items: Items, kinds: Kinds, config: Pick<Config['retrieval'], 'freshDays' | 'freshImpressions'>) {
    this.items = items
    this.impression = kinds.code('impression')
    this.span = config.freshDays * DAY
    this.impressionsMax = config.freshImpressions
  }

  apply(event: AppliedEvent): void {
    const { item, at } = event
    if (item < 0) return
    for (const column of [this.first, this.impressions, this.consumed]) column.ensure(item)
    if (event.kind === this.impression) this.impressions.array[item]++
    else if (event.consumes) this.consumed.array[item]++
    if (at >= this.first.array[item]) return
    this.first.array[item] = at
    if (item < this.born.rows && at < this.born.array[item]) this.setBirth(item, at)
  }

  itemChanged(row: number, alive: boolean): void {
    for (const column of [this.born, this.first, this.impressions, this.consumed]) column.ensure(row)
    this.setBirth(row, alive ? Math.min(this.items.published.array[row], this.first.array[row]) : Number.NaN)
  }

  /** Nothing here tells who did it. */
  forget(): void {}

  isFresh(row: number, at: number): boolean {
    if (row < 0 || row >= this.born.rows || !this.items.has(row)) return false
    const age = at - this.born.array[row] // NaN when it has none: every comparison fails
    return age >= 0 && age < this.span && this.shown(row) < this.impressionsMax
  }

  /** How often it was shown. */
  shown(row: number): number {
    return row < this.impressions.rows ? Math.max(this.impressions.array[row], this.consumed.array[row]) : 0
  }

  /** Rows, oldest first, born within the fresh span before `at`; not all of them need be fresh. Read at once. */
  window(at: number): Uint32Array {
    const from = this.lowerBound(at - this.span, Number.POSITIVE_INFINITY)
    const to = this.lowerBound(at, Number.POSITIVE_INFINITY)
    return this.newest.subarray(from, to)
  }

  shelve(shelf: Shelf): void {
    this.newest = shelf.array('newest', this.newest)
    for (const name of ['born', 'first', 'impressions', 'consumed', 'count'] as const) shelf.part(name, this[name])
  }

  private setBirth(row: number, birth: number): void {
    const { array } = this.born
    if (array[row] === birth) return
    if (!Number.isNaN(array[row])) this.takeOut(row)
    array[row] = birth
    if (!Number.isNaN(birth)) this.putIn(row)
  }

  private takeOut(row: number): void {
    const place = this.lowerBound(this.born.array[row], row)
    if (place >= this.count.value || this.newest[place] !== row) return // had fallen out
    this.newest.copyWithin(place, place + 1, this.count.value)
    this.count.value--
  }

  private putIn(row: number): void {
    let place = this.lowerBound(this.born.array[row], row)
    if (this.count.value === NEWEST_MAX) {
      if (place === 0) return
      this.newest.copyWithin(0, 1, place)
      place--
    } else {
      this.newest.copyWithin(place + 1, place, this.count.value)
      this.count.value++
    }
    this.newest[place] = row
  }

  /** First place whose (birth, row) is not before the given one. */
  private lowerBound(birth: number, row: number): number {
    const { array } = this.born
    let low = 0
    let high = this.count.value
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.newest[middle]
      if (array[other] < birth || (array[other] === birth && other < row)) low = middle + 1
      else high = middle
    }
    return low
  }
}
