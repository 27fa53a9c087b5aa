import { machines } from './capacity.ts'
import type { Cost } from './measured.ts'

/** Share of a core that is planned to be busy at the peak: beyond it waiting grows faster than work. */
export const BUSY_SHARE = 0.5

export interface CoresPlan {
  readonly qps: number
  /** CPU milliseconds of the mean slate under the planned mix. */
  readonly cpuMs: number
  /** Cores that would be busy all the time. */
  readonly busyCores: number
  /** Whole cores to have, with what is kept free. */
  readonly cores: number
  readonly machines: number
  /** Cores by stage, busy; `other` is all that is in no stage: HTTP, events, background work. */
  readonly byStage: Readonly<Record<string, number>>
}

export interface CoresOptions {
  /** Busy share of a core at the peak, above 0 to 1. Default 0.5. */
  readonly busy?: number
  readonly coresPerMachine?: number
  /** Slates per second by surface; default: the measured mix. */
  readonly surfaces?: Readonly<Record<string, number>>
}

/**
 * Cores for a rate: busy = QPS x CPU ms / 1000, cores = ceil(busy / busy share). A planned mix of surfaces weighs the
 * measured cost by what each surface took.
 * @throws RangeError for a rate or share outside its range
 */
export function coresFor(cost: Cost, qps: number, options: CoresOptions = {}): CoresPlan {
  const { busy = BUSY_SHARE, coresPerMachine = 1, surfaces } = options
  if (!(qps >= 0 && Number.isFinite(qps))) throw new RangeError(`Cannot plan for ${qps} requests per second`)
  if (!(busy > 0 && busy <= 1)) throw new RangeError(`Cannot plan with a busy share of ${busy}`)
  if (!(coresPerMachine >= 1)) throw new RangeError(`Cannot plan with ${coresPerMachine} cores per machine`)
  const weight = surfaces ? mixWeight(cost, surfaces) : 1
  const cpuMs = cost.cpuMs * weight
  const busyCores = (qps * cpuMs) / 1000
  const cores = machines(busyCores / busy)
  const byStage: Record<string, number> = {}
  let staged = 0
  for (const [stage, ms] of Object.entries(cost.stages)) {
    byStage[stage] = (qps * ms * weight) / 1000
    staged += ms
  }
  if (staged > 0) byStage['other'] = (qps * Math.max(0, cost.cpuMs - staged) * weight) / 1000
  return { qps, cpuMs, busyCores, cores, machines: machines(cores / coresPerMachine), byStage }
}

/** Mean weight of the planned mix over that of the measured one (which is 1). Unmeasured surfaces count as the mean. */
function mixWeight({ weight }: Cost, surfaces: Readonly<Record<string, number>>): number {
  let all = 0
  let weighted = 0
  for (const [name, rate] of Object.entries(surfaces)) {
    all += rate
    weighted += rate * (weight[name] ?? 1)
  }
  return all > 0 ? weighted / all : 1
}
