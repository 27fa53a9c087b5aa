import type { Kinds } from '../../domain/index.ts'
import type { AppliedEvent } from '../catalog/index.ts'
import type { DecayedRows } from './decayed.ts'
import { smoothedRate } from './rates.ts'

/** Decayed impressions and clicks in two channels of the given rows, and the smoothed click rate of the two. */
export class ClickCounts {
  private readonly counts: DecayedRows
  private readonly first: number
  private readonly impression: number
  private readonly click: number
  private readonly prior: number
  private readonly weight: number

  constructor(rows: DecayedRows, kinds: Kinds, prior: { priorCtr: number; priorImpressions: number }) {
    this.counts = rows
    this.first = rows.reserve(2)
    this.impression = kinds.code('impression')
    this.click = kinds.code('click')
    this.prior = prior.priorCtr
    this.weight = prior.priorImpressions
  }

  counted(event: AppliedEvent): boolean {
    return event.kind === this.impression || event.kind === this.click
  }

  add(row: number, event: AppliedEvent): void {
    this.counts.add(row, this.first + (event.kind === this.click ? 1 : 0), event.at)
  }

  /** The prior for a row of -1 or one that nothing is known of. */
  rate(row: number, factor: number): number {
    const impressions = this.counts.raw(row, this.first) * factor
    return smoothedRate(this.counts.raw(row, this.first + 1) * factor, impressions, this.prior, this.weight)
  }
}
