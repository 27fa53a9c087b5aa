import { percent } from '../figures.ts'
import { findBreak } from '../load/find-break.ts'
import { drive } from './drive.ts'
import type { PlayOptions } from './play.ts'

/** Where the search begins, and the rate of the day where not even that is borne. */
export const FIRST_RATE = 10
/** Length of a run at one rate. */
const STEP_SECONDS = 4
/** While nothing is broken, slates are whole and in their time: what is seen afterwards is of the fault, not of the load. */
const LIMITS = { p99Ms: 100, fullMin: 0.95 }
/** At the edge itself it is a matter of luck whether a run holds. */
const BELOW_THE_EDGE = 0.9

/**
 * The slates per second that a server bears while nothing is broken, the questions of the panel among them; half a
 * minute to a minute.
 */
export async function fullLoad(options: PlayOptions, tell: (line: string) => void): Promise<number> {
  const { signal } = options
  tell('Looking for the most slates per second that the server bears while nothing is broken')
  const run = (rate: number) => step({ ...options, rate })
  const { holds } = await findBreak(run, { from: FIRST_RATE, limits: LIMITS, signal }, ({ rate, broke, report }) => {
    const full = percent(report.slates.rungs['full'] ?? 0, 0)
    const p99 = report.slates.latencyMs.p99.toFixed(0)
    tell(`  ${rate}/s: ${full} full, p99 ${p99} ms${broke.length > 0 ? ': too many' : ''}`)
  })
  if (holds > 0) return Math.max(1, Math.round(holds * BELOW_THE_EDGE))
  tell(`Not even ${FIRST_RATE}/s: something is amiss before anything is broken. The scenes are compared with that.`)
  return FIRST_RATE
}

async function step({ panel, seconds, ...driving }: PlayOptions) {
  const over = new AbortController()
  const asking = panel.judge(seconds * 0.95, AbortSignal.any([driving.signal, over.signal])) // as often as in a scene
  const report = await drive(driving, STEP_SECONDS, driving.signal)
  over.abort()
  await asking
  return report
}
