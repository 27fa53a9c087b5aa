import type { StageReport } from '../../domain/index.ts'
import { type Latency, Tally } from './tally.ts'

export interface StageFigures {
  readonly latencyMs: Latency
  /** Slates by what the stage said of itself. */
  readonly statuses: Readonly<Record<string, number>>
  readonly histogram: string
}

/** What the server's stages say of themselves, over many slates. */
export class StageTallies {
  private readonly stages = new Map<string, Tally>()

  add(reports: readonly StageReport[]): void {
    for (const { stage, ms, status } of reports) {
      let tally = this.stages.get(stage)
      if (!tally) this.stages.set(stage, (tally = new Tally()))
      tally.answer(ms, status)
    }
  }

  /** In the order in which the stages run. */
  report(): Record<string, StageFigures> {
    return Object.fromEntries(
      [...this.stages].map(([stage, tally]) => {
        const { latencyMs, rungs, answered, histogram } = tally.report()
        const statuses = Object.fromEntries(
          Object.entries(rungs).map(([status, share]) => [status, Math.round(share * answered)]),
        )
        return [stage, { latencyMs, statuses, histogram }]
      }),
    )
  }
}
