import { type Rung, type Standing, worthOf } from '../../domain/index.ts'
import type { Scorer } from './contracts.ts'
import { type FeatureReading, missingGroups } from './feature-reading.ts'
import type { PipelineParts } from './parts.ts'

export type LastStage = 'fine' | 'degraded' | 'simple'

/** What the orders that may be come to are worth under the circumstances; all the same without figures. */
export class Worths {
  private readonly parts: PipelineParts

  constructor(parts: PipelineParts) {
    this.parts = parts
  }

  /** Of the order that there is before anybody ranks; `by`: who scored it, none for the order of retrieval. */
  ofOrder(rung: Rung, by?: Scorer): number {
    return this.of({ rung, byHand: this.inPlaceOfTrained(by) })
  }

  /** Of what a stage scores on the features that came. */
  ofStage(stage: LastStage, reading: FeatureReading | undefined): number {
    const { fine, simple } = this.parts
    const byHand = stage === 'simple' && this.inPlaceOfTrained(simple)
    const as = stage === 'simple' && fine.byHand ? 'fine' : stage // the same ranker once more
    return this.of({ rung: rungBy(as, reading), byHand, withoutFeatures: !isWhole(reading) })
  }

  of(standing: Standing): number {
    const { quality } = this.parts
    return quality ? worthOf(quality, standing) : 1
  }

  /** Where nothing trained ranks, a rule set by hand is no lesser one. */
  private inPlaceOfTrained(scorer: Scorer | undefined): boolean {
    return scorer?.byHand === true && this.parts.fine.byHand !== true
  }
}

/** The rung of what a stage scores. */
export function rungBy(stage: LastStage, reading: FeatureReading | undefined): Rung {
  if (stage !== 'fine' || !reading) return 'degraded'
  if (!isWhole(reading)) return 'partial'
  return reading.status.includes('stale') ? 'stale' : 'full'
}

/** Did every group of features come, as of now or from earlier? */
export function isWhole(reading: FeatureReading | undefined): boolean {
  return reading !== undefined && missingGroups(reading).length === 0
}
