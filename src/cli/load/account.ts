import type { StageReport } from '../../domain/index.ts'
import type { Segment } from './profile.ts'
import { type StageFigures, StageTallies } from './stage-tallies.ts'
import { Tally, type TallyReport } from './tally.ts'

export interface SegmentReport {
  readonly name: string
  readonly seconds: number
  /** Slates asked for per second, in the mean. */
  readonly rate: number
  readonly slates: TallyReport
}

export interface SurfaceReport extends TallyReport {
  /** What the server's stages say of themselves. */
  readonly stages: Readonly<Record<string, StageFigures>>
}

/** What became of one slate request. */
export interface SlateOutcome {
  readonly surface: string
  /** Milliseconds from when it was due. */
  readonly ms: number
  readonly code: string | undefined
  readonly rung?: string
  readonly stages?: readonly StageReport[]
}

/** Keeps account of the slates of a run: whole, by surface, by stage, by stretch of the profile. */
export class SlateAccount {
  private readonly all = new Tally()
  private readonly surfaces = new Map<string, { readonly tally: Tally; readonly stages: StageTallies }>()
  private readonly stages = new StageTallies()
  private readonly segments: readonly { readonly segment: Segment; readonly ends: number; readonly tally: Tally }[]

  constructor(surfaces: readonly string[], segments: readonly Segment[]) {
    for (const name of surfaces) this.surfaces.set(name, { tally: new Tally(), stages: new StageTallies() })
    let ends = 0
    this.segments = segments.map((segment) => ({ segment, ends: (ends += segment.seconds * 1000), tally: new Tally() }))
  }

  /** `due`: milliseconds from the start of the measured part. */
  add(due: number, { surface, ms, code, rung, stages = [] }: SlateOutcome): void {
    const segment = this.segments.find(({ ends }) => due < ends)
    const ofSurface = this.surfaces.get(surface)
    for (const tally of [this.all, ofSurface?.tally, segment?.tally]) {
      if (code === undefined) tally?.answer(ms, rung ?? 'unknown')
      else tally?.fail(ms, code)
    }
    this.stages.add(stages)
    ofSurface?.stages.add(stages)
  }

  report(rate: number) {
    return {
      slates: this.all.report(),
      surfaces: Object.fromEntries(
        [...this.surfaces].map(([name, { tally, stages }]): [string, SurfaceReport] => [
          name,
          { ...tally.report(), stages: stages.report() },
        ]),
      ),
      stages: this.stages.report(),
      segments: this.segments.map(({ segment: { name, seconds, from, to }, tally }): SegmentReport => {
        return { name, seconds, rate: (rate * (from + to)) / 2, slates: tally.report() }
      }),
    }
  }
}
