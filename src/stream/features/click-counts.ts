import type { Kinds } from '../../domain/index.ts'
import type { AppliedEvent } from '../catalog/index.ts'
import { DecayedRows, type DecayScale } from './decayed.ts'
import { smoothedRate } from './rates.ts'

/** Decayed impressions and clicks per row, and the smoothed click rate of the two. */
export class ClickCounts {
  private readonly counts: DecayedRows
  private readonly impression: number
  private readonly click: number
  private readonly prior: number
  private readonly weight: number

  constructor(scale: DecayScale, kinds: Kinds, prior: { priorCtr: number; priorImpressions: number }) {
    this.counts = new DecayedRows(scale, 2)
    this.impression = kinds.code('impression')
    this.click = kinds.code('click')
    this.prior = prior.priorCtr
    this.weight = prior.priorImpressions
  }

  get bytes(): number {
    return this.counts.bytes
  }

  counted(event: AppliedEvent): boolean {
    return event.kind === this.impression || event.kind === this.click
  }

  add(row: number, event: AppliedEvent): void {
    this.counts.add(row, event.kind === this.click ? 1 : 0, event.at)
  }

  /** The prior for a row of -1 or one that nothing is known of. */
  rate(row: number, factor: number): number {
    return smoothedRate(this.counts.raw(row, 1) * factor, this.counts.raw(row, 0) * factor, this.prior, this.weight)
  }

  clear(row: number): void {
    this.counts.clear(row)
  }
}
