import {
  type Capacity,
  type CoresPlan,
  type Cost,
  type CutPlan,
  type Demand,
  type MemoryPlan,
  printed,
  SLATES_LEAST,
  WHOLE_LEAST,
  type SpikePlan,
  type Supply,
} from '../../planning/index.ts'
import { count, milliseconds, percent } from '../figures.ts'
import { facts, table } from '../table.ts'
import { memoryView } from './memory-view.ts'
import type { Terminal } from '../terminal.ts'

/** What `sluice plan capacity --json` prints. */
export interface CapacityReport {
  readonly plans: readonly { readonly name: string; readonly demand: Demand; readonly plan: Capacity }[]
  readonly notes: readonly string[]
  readonly supply?: Supply
  readonly busy: number
  readonly cost?: Cost
  readonly cores?: CoresPlan
  /** Where the source tells what its state takes. */
  readonly memory?: MemoryPlan
  readonly spike?: SpikePlan & { readonly factor: number; readonly machines: number }
  readonly cut?: CutPlan & { readonly share: number; readonly machines: number; readonly left: number }
}

export function capacityView(terminal: Terminal, report: CapacityReport): string {
  return [
    ...(report.plans.length > 0 ? [plansView(terminal, report)] : []),
    ...(report.cost && report.cores ? [coresView(terminal, report.cost, report.cores, report.busy)] : []),
    ...(report.memory ? [memoryView(terminal, report.memory)] : []),
    ...(report.spike ? [spikeView(terminal, report.spike)] : []),
    ...(report.cut ? [cutView(terminal, report.cut)] : []),
    ...(report.notes.length > 0 ? [report.notes.map((note) => terminal.colours.dim(`- ${note}`)).join('\n')] : []),
  ].join('\n\n')
}

function plansView(terminal: Terminal, { plans }: CapacityReport): string {
  const heads = ['requests/s', 'candidates', 'items/s', 'GPUs', 'nodes', 'bandwidth', 'index']
  const rows = plans.map(({ name, demand, plan }) => {
    const figures = printed(plan)
    return [
      name,
      count(demand.peakQps),
      count(demand.candidates),
      count(plan.itemsPerSecond),
      figures.gpus,
      figures.nodes,
      figures.bandwidth,
      figures.index,
    ]
  })
  return table(terminal, [{ head: 'plan' }, ...heads.map((head) => ({ head, right: true }))], rows)
}

function coresView(terminal: Terminal, cost: Cost, plan: CoresPlan, busy: number): string {
  const { bold, yellow } = terminal.colours
  const stages = Object.entries(plan.byStage)
  const few = cost.slates < SLATES_LEAST
  return [
    facts(terminal, [
      ['measured', `${milliseconds(cost.cpuMs)} ms of CPU per slate, over ${count(cost.slates)} slates (${cost.from})`],
      ['planned mix', `${milliseconds(plan.cpuMs)} ms per slate`],
      ['load', `${count(plan.qps)} requests/s`],
      ['busy', `${count(plan.busyCores)} cores`],
      ['to have', bold(`${count(plan.cores)} cores`) + `, each ${percent(busy, 0)} busy at the peak`],
      ['machines by cores', count(plan.machines)],
    ]),
    ...(few
      ? [yellow(`Few slates were measured (under ${count(SLATES_LEAST)}): measure longer, under more load`)]
      : []),
    ...(cost.whole !== undefined && cost.whole < WHOLE_LEAST
      ? [
          yellow(
            `Only ${percent(cost.whole, 0)} of these slates were whole, and poorer ones cost less: measure at a lower rate, or you will have too few`,
          ),
        ]
      : []),
    ...(stages.length > 0
      ? [
          table(
            terminal,
            [{ head: 'where they go' }, { head: 'cores, busy', right: true }, { head: 'share', right: true }],
            stages.map(([stage, cores]) => [stage, cores.toFixed(1), percent(cores / plan.busyCores)]),
          ),
        ]
      : []),
  ].join('\n')
}

function spikeView(terminal: Terminal, spike: NonNullable<CapacityReport['spike']>): string {
  const rows = spike.steps.map(({ atMinutes, machines, say }) => [clock(atMinutes), count(machines), say])
  return [
    `A spike of ${spike.factor} times the load: from ${count(spike.machines)} to ${count(spike.machinesAtPeak)} machines`,
    table(terminal, [{ head: 'when', right: true }, { head: 'machines', right: true }, { head: 'what' }], rows),
    ...(spike.shortBy > 0
      ? [
          terminal.colours.yellow(
            `It comes too soon: ${count(spike.shortBy)} machines will be missing. Order more at once (--wave), rank fewer candidates (--spike-candidates), and let the rest be answered by poorer rungs`,
          ),
        ]
      : []),
  ].join('\n')
}

/** "in 5 h 15 min", "20 min ago". */
function clock(minutes: number): string {
  const whole = Math.abs(Math.round(minutes))
  const text = whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h ${whole % 60} min`
  return minutes < 0 ? `${text} ago` : `in ${text}`
}

function cutView(terminal: Terminal, cut: NonNullable<CapacityReport['cut']>): string {
  const rows = cut.steps.map(({ name, from, to, unit, saves }) => [
    name,
    `${count(from)} ${unit}`,
    `${count(to)} ${unit}`,
    percent(saves),
  ])
  const none = cut.left === cut.machines && cut.share > 0 ? ': that is less than one machine' : ''
  const kept = `The degraded path is not cut: keep ${percent(cut.reserve)} of what runs for it, so that it can carry all requests when more is lost than planned.`
  return [
    `${percent(cut.share, 0)} fewer machines: ${count(cut.left)} of ${count(cut.machines)}${none}`,
    table(
      terminal,
      [
        { head: 'cut, in this order' },
        { head: 'now', right: true },
        { head: 'then', right: true },
        { head: 'saves', right: true },
      ],
      rows,
    ),
    kept,
    ...(cut.missing > 0
      ? [
          terminal.colours.yellow(
            `${percent(cut.missing)} are missing: these levers do not give more without poor slates`,
          ),
        ]
      : []),
  ].join('\n')
}
