import type { Clock } from '../../foundation/base/index.ts'
import type { Objective, Quality } from '../../domain/index.ts'
import { Congestion, type CongestionOptions } from '../../foundation/resilience/index.ts'
import { Outlook } from '../pipeline/index.ts'
import { worthTrading } from './trade.ts'

export interface AdmissionOptions extends CongestionOptions {
  readonly quality: Quality
  readonly trade: Objective['trade']
}

/**
 * Decides for each request whether it gets a whole slate or the cheapest one. Cheap when a standing queue has to be
 * worked off and this request has waited above the target, or when in the time it has left whole slates are late so
 * often that the objective would rather have the cheap one. Either way somebody is answered, and the rest in time.
 */
export class Admission {
  private readonly clock: Clock
  private readonly options: AdmissionOptions
  private readonly congestion: Congestion
  private readonly outlook = new Outlook()

  constructor(clock: Clock, options: AdmissionOptions) {
    this.clock = clock
    this.options = options
    this.congestion = new Congestion(clock, options)
  }

  /** Is a queue standing now? */
  get standing(): boolean {
    return this.congestion.standing
  }

  /** `waitedMs`: how long the request has waited; `leftMs`: what is left of its budget; `cheap`: the rung it gets otherwise. */
  whole(waitedMs: number, leftMs: number, cheap: 'cached' | 'popular'): boolean {
    if (this.congestion.note(waitedMs) && waitedMs > this.options.targetMs) return false
    const { quality, trade } = this.options
    const { ended } = this.outlook.within(leftMs, this.clock.ticks())
    const whole = { primary: ended, guardrail: ended }
    return !worthTrading(whole, { primary: quality[cheap], guardrail: 1 }, trade)
  }

  /** Takes note of how long a whole slate took from when the work began. */
  took(ms: number): void {
    this.outlook.note(ms, true, this.clock.ticks())
  }
}
