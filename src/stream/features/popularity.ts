import { Column, type Shelf } from '../../foundation/base/index.ts'
import type { AppliedEvent, Projection } from '../catalog/index.ts'
import { DecayedRows, type DecayScale } from './decayed.ts'
import { RankHistogram } from './rank-histogram.ts'

/**
 * Popularity of items: the decayed sum of the positive strength of events about them. Since forward decay leaves sums
 * alone as time passes, ranks change with events only and are kept up to date by each.
 */
export class Popularity implements Projection {
  readonly name = 'popularity'
  readonly scale: DecayScale
  private readonly sums: DecayedRows
  private readonly ranks = new RankHistogram()
  private readonly counted = new Column(Uint8Array)

  constructor(scale: DecayScale) {
    this.scale = scale
    this.sums = new DecayedRows(scale)
    scale.onMove(() => this.recount())
  }

  apply(event: AppliedEvent): void {
    const { item } = event
    if (item < 0 || !(event.strength > 0)) return
    this.scale.weight(event.at) // moves the landmark, if it must, before the old value is read
    const before = this.sums.raw(item)
    this.sums.add(item, 0, event.at, event.strength)
    if (this.ranked(item)) this.ranks.move(before, this.sums.raw(item))
  }

  itemChanged(row: number, alive: boolean): void {
    this.counted.ensure(row)
    if (this.ranked(row) === alive) return
    this.counted.array[row] = alive ? 1 : 0
    if (alive) this.ranks.add(this.sums.raw(row))
    else this.ranks.remove(this.sums.raw(row))
  }

  /** Nothing here tells who did it. */
  forget(): void {}

  /** Decayed strength at the moment that `factor` (of the scale) is for. */
  mass(row: number, factor: number): number {
    return this.sums.raw(row) * factor
  }

  /** Share of the catalogue's items that are less popular, ties by half: in 0..1. */
  percentile(row: number): number {
    return this.ranks.percentile(this.sums.raw(row))
  }

  shelve(shelf: Shelf): void {
    for (const name of ['scale', 'sums', 'ranks', 'counted'] as const) shelf.part(name, this[name])
  }

  private ranked(row: number): boolean {
    return row < this.counted.rows && this.counted.array[row] === 1
  }

  private recount(): void {
    this.ranks.clear()
    for (let row = 0; row < this.counted.rows; row++)
      if (this.counted.array[row] === 1) this.ranks.add(this.sums.raw(row))
  }
}
