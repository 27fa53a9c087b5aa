import { Option, type Command } from 'commander'
import { SluiceError } from '../../foundation/base/index.ts'
import { parseSamples } from '../../foundation/telemetry/index.ts'
import {
  BUSY_SHARE,
  type Capacity,
  capacity,
  type Cost,
  coresFor,
  costFromMetrics,
  costFromText,
  cutPlan,
  memoryFor,
  memoryFromMetrics,
  defaultSpike,
  defaultSupply,
  type Demand,
  type PresetName,
  presetNames,
  presetNotes,
  presets,
  spikePlan,
} from '../../planning/index.ts'
import type { Context } from '../context.ts'
import { Misuse } from '../failure.ts'
import { type Mix, parseMix, total } from '../load/mix.ts'
import { amountOf, jsonOption, keyOption, nonEmpty, wholeNumber } from '../options.ts'
import { candidateShareOf, leversOf } from './levers.ts'
import { isAddress, readingFrom } from './reading.ts'
import { type CapacityReport, capacityView } from './capacity-view.ts'

interface CapacityOptions extends Partial<Demand> {
  readonly preset?: PresetName
  readonly qps?: number
  readonly scoresPerGpu: number
  readonly fetchesPerNode: number
  readonly replicas: number
  readonly headroom: number
  readonly graphLinks: number
  readonly cacheHits: number
  readonly from?: string
  readonly key?: string
  readonly seconds: number
  readonly surfaceMix?: Mix
  readonly busy: number
  readonly coresPerMachine: number
  readonly users?: number
  readonly memoryPerMachine: number
  readonly spike?: number
  readonly inMinutes: number
  readonly lastsMinutes: number
  readonly bootMinutes: number
  readonly wave: number
  readonly spikeCandidates: number
  readonly machines?: number
  readonly cut?: number
  readonly json?: boolean
}

export function planCapacity(plan: Command, context: Context): void {
  const share = (low: number, high: number) => amountOf(low, high)
  plan
    .command('capacity')
    .description('How many machines a load takes: by preset, by figures, or by the measured cost of your own server.')
    .addOption(new Option('--preset <name>', 'a published exercise (default: all three)').choices(presetNames))
    .option('--qps <count>', 'requests per second at the peak', amountOf(0, 1e9))
    .option('--candidates <count>', 'candidates ranked per request', amountOf(0, 1e6))
    .option('--feature-bytes <bytes>', 'bytes of a candidate’s features', amountOf(0, 1e9))
    .option('--items <count>', 'items in the catalogue and the vector index', amountOf(0, 1e12))
    .option('--vector-bytes <bytes>', 'bytes of a vector', amountOf(0, 1e6))
    .option('--scores-per-gpu <count>', 'scores per second and GPU', amountOf(1e-3, 1e9), defaultSupply.scoresPerGpu)
    .option(
      '--fetches-per-node <count>',
      'feature rows per second and node',
      amountOf(1e-3, 1e9),
      defaultSupply.fetchesPerNode,
    )
    .option('--replicas <count>', 'copies of index and feature store', wholeNumber(1, 100), defaultSupply.replicas)
    .option('--headroom <share>', 'share of a machine kept free', share(0, 0.99), defaultSupply.headroom)
    .option('--graph-links <count>', 'links per vector of a graph index', amountOf(0, 1000), defaultSupply.graphLinks)
    .option('--cache-hits <share>', 'share of feature rows from a cache', share(0, 1), defaultSupply.cacheHitShare)
    .option('--from <source>', 'measured cost: address of a server under load, saved /metrics, or a report', nonEmpty)
    .addOption(keyOption())
    .option('--seconds <seconds>', 'how long a server is measured', amountOf(0.1, 3600), 10)
    .addOption(
      new Option('--surface-mix <parts>', 'requests per second by surface: home:80000,next:200000').argParser(parseMix),
    )
    .option('--busy <share>', 'busy share of a core at the peak', share(0.01, 1), BUSY_SHARE)
    .option('--cores-per-machine <count>', 'cores of one machine', wholeNumber(1, 4096), 2)
    .option('--users <count>', 'users known, with --from (default: as many as now)', amountOf(0, 1e12))
    .option('--memory-per-machine <gigabytes>', 'memory of one machine, a quarter kept free', amountOf(0.1, 1e5), 64)
    .option('--spike <factor>', 'plan ahead for this many times the load', amountOf(1, 1000))
    .option('--in-minutes <minutes>', 'when the spike comes', amountOf(0, 1e6), defaultSpike.inMinutes)
    .option('--lasts-minutes <minutes>', 'how long it lasts', amountOf(0, 1e6), defaultSpike.lastsMinutes)
    .option(
      '--boot-minutes <minutes>',
      'from ordering a machine to its first request',
      amountOf(0, 1e4),
      defaultSpike.bootMinutes,
    )
    .option(
      '--wave <share>',
      'most machines added at once, as a share of those there',
      share(0.01, 100),
      defaultSpike.waveShare,
    )
    .option(
      '--spike-candidates <share>',
      'share of the candidates ranked during it',
      share(0.05, 1),
      defaultSpike.candidateShare,
    )
    .option('--machines <count>', 'machines that run now (default: as planned)', wholeNumber(1, 1e7))
    .option('--cut <share>', 'plan for this share fewer machines', share(0, 0.99))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ sluice plan capacity
  $ sluice plan capacity --preset steady --qps 320000 --headroom 0.3
  $ sluice plan capacity --from http://127.0.0.1:8787 --surface-mix home:80000,next:200000,search:40000
  $ sluice plan capacity --from http://127.0.0.1:8787 --qps 2000 --items 100000000 --users 5000000
  $ sluice plan capacity --from load.json --qps 320000 --spike 4 --in-minutes 240 --cut 0.1`,
    )
    .action(async (options: CapacityOptions) => {
      const report = options.from === undefined ? fromFigures(options) : await fromCost(context, options, options.from)
      const { terminal } = context
      terminal.out(options.json ? JSON.stringify(report) : capacityView(terminal, report))
    })
}

/** Plans by presets and figures: GPUs, nodes, bandwidth, index. */
function fromFigures(options: CapacityOptions): CapacityReport {
  const { scoresPerGpu, fetchesPerNode, replicas, headroom, graphLinks, cacheHits, busy } = options
  const supply = { scoresPerGpu, fetchesPerNode, replicas, headroom, graphLinks, cacheHitShare: cacheHits }
  const given = withoutMissing({
    peakQps: options.qps ?? (options.surfaceMix && total(options.surfaceMix)),
    candidates: options.candidates,
    featureBytes: options.featureBytes,
    items: options.items,
    vectorBytes: options.vectorBytes,
  })
  const own = Object.keys(given).length > 0
  const names = options.preset ? [options.preset] : own ? (['steady'] as const) : presetNames
  const plans = names.map((preset) => {
    const demand: Demand = { ...presets[preset], ...given }
    return { name: own ? `${preset}, with your figures` : preset, demand, plan: capacity(demand, supply) }
  })
  const first = plans[0] as { demand: Demand; plan: Capacity }
  const levers = leversOf(undefined, first.demand.candidates)
  return {
    plans,
    notes: own ? [] : presetNotes,
    supply,
    busy,
    ...extras(options, options.machines ?? Math.max(1, first.plan.gpus), 1, levers),
  }
}

/** Plans by what a slate was measured to cost. */
async function fromCost(context: Context, options: CapacityOptions, from: string): Promise<CapacityReport> {
  const qps = options.qps ?? (options.surfaceMix && total(options.surfaceMix))
  // A file that is not there is said before what is missing beside it.
  const file = isAddress(from) ? undefined : await readingFrom(context, { ...options, from })
  if (qps === undefined) throw new Misuse('Say for which load: --qps 320000, or --surface-mix home:80000,next:200000')
  const reading = file ?? (await readingFrom(context, { ...options, from }))
  const saved = reading.kind === 'file' && reading.text.includes('sluice_slate_duration_seconds')
  const now = reading.kind === 'server' ? reading.now : saved ? parseSamples(reading.text) : undefined
  const cost: Cost =
    now === undefined
      ? costFromText(from, (reading as { text: string }).text)
      : costFromMetrics(from, now, reading.kind === 'server' ? reading.before : undefined)
  const measured = now && memoryFromMetrics(now)
  const { items, users, memoryPerMachine } = options
  if (!measured && (items ?? users) !== undefined)
    throw new SluiceError('ERR_PLAN_INPUT', [
      from,
      'it does not say what its state takes: give a server or its /metrics',
    ])
  const memory =
    measured && memoryFor(measured, { ...withoutMissing({ items, users }), machineBytes: memoryPerMachine * 1e9 })
  const { busy, coresPerMachine, surfaceMix } = options
  const cores = coresFor(cost, qps, { busy, coresPerMachine, ...(surfaceMix ? { surfaces: surfaceMix } : {}) })
  const machines = options.machines ?? Math.max(1, cores.machines, memory?.parts ?? 1)
  return {
    plans: [],
    notes: [],
    busy,
    cost,
    cores,
    ...(memory && { memory }),
    ...extras(options, machines, candidateShareOf(cost), leversOf(cost)),
  }
}

function extras(
  options: CapacityOptions,
  machines: number,
  candidateCostShare: number,
  levers: ReturnType<typeof leversOf>,
): Pick<CapacityReport, 'spike' | 'cut'> {
  const { spike: factor, inMinutes, lastsMinutes, bootMinutes, wave, spikeCandidates, cut } = options
  return {
    ...(factor === undefined
      ? {}
      : {
          spike: {
            factor,
            machines,
            ...spikePlan({
              machines,
              factor,
              inMinutes,
              lastsMinutes,
              bootMinutes,
              waveShare: wave,
              candidateShare: spikeCandidates,
              candidateCostShare,
            }),
          },
        }),
    ...(cut === undefined
      ? {}
      : {
          cut: { share: cut, machines, left: Math.ceil(machines * (1 - cut) - 1e-9), ...cutPlan({ cut, ...levers }) },
        }),
  }
}

function withoutMissing<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
