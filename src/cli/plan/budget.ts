import { InvalidArgumentError, type Command } from 'commander'
import { knownNames, SluiceError } from '../../foundation/base/index.ts'
import { type Buckets, bucketsOf, parseSamples, totalsBy } from '../../foundation/telemetry/index.ts'
import {
  BESIDE,
  type BudgetLine,
  budgetLines,
  quantileEach,
  slowestOf,
  type Worksheet,
  worksheet,
} from '../../planning/index.ts'
import { profileOf } from '../../domain/index.ts'
import { loadConfig } from '../config-file.ts'
import type { Context } from '../context.ts'
import { Misuse } from '../failure.ts'
import { milliseconds, percent } from '../figures.ts'
import { amountOf, configOption, jsonOption, keyOption, nonEmpty, wholeNumber } from '../options.ts'
import { facts, table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { readingFrom } from './reading.ts'

interface BudgetOptions {
  readonly config?: string
  readonly from?: string
  readonly key?: string
  readonly seconds: number
  readonly surface?: string
  readonly layer?: Readonly<Record<string, number>>
  readonly total?: number
  readonly fanOut: number
  readonly json?: boolean
}

/** What `sluice plan budget --json` prints. */
export interface BudgetReport extends Worksheet {
  /** Name of the profile whose budgets these are. */
  readonly profile: string
  readonly surface: string | undefined
  readonly fanOut: { readonly calls: number; readonly slowShare: number; readonly quantileEach: number }
}

export function planBudget(plan: Command, context: Context): void {
  plan
    .command('budget')
    .description(
      'Where the milliseconds of a request go: the budget of each layer, and what yours was measured to take.',
    )
    .option('--from <source>', 'address of a server under load, or its saved /metrics', nonEmpty)
    .addOption(keyOption())
    .option('--seconds <seconds>', 'how long a server is measured', amountOf(0.1, 3600), 10)
    .option('--surface <name>', 'only slates of this surface', nonEmpty)
    .option('--layer <name=ms>', 'budget of a layer; can be said again', layer)
    .option('--total <ms>', 'scale the whole budget to this', amountOf(1, 60_000))
    .option('--fan-out <count>', 'parallel calls that a layer waits for', wholeNumber(1, 100_000), 10)
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The budgets are those of the profile in use (budgets.profile of the configuration); its margin is split into network, serialise, margin.
Means add. Percentiles add only when all layers are slow at once; when they are slow independently, the whole is faster.

Examples:
  $ sluice plan budget --layer fine=30 --layer network=5
  $ sluice plan budget --from http://127.0.0.1:8787 --surface home --fan-out 30`,
    )
    .action(async (options: BudgetOptions) => {
      const { terminal } = context
      if (options.surface !== undefined && options.from === undefined)
        throw new Misuse(
          '--surface goes with --from: budgets are those of the profile, only what was measured is of a surface',
        )
      const { config } = await loadConfig(terminal.folder, options.config)
      const lines = budgetLines(profileOf(config))
      const layers = options.from ? await measured(context, options, options.from) : {}
      checkLayers(options.layer, [...lines.map((line) => line.layer), ...Object.keys(layers)])
      const sheet = worksheet(budgetOf(lines, options), layers)
      const { surface, fanOut } = options
      const calls = { calls: fanOut, slowShare: slowestOf(0.01, fanOut), quantileEach: quantileEach(0.99, fanOut) }
      const report: BudgetReport = { ...sheet, profile: config.budgets.profile, surface, fanOut: calls }
      terminal.out(options.json ? JSON.stringify(report) : budgetView(terminal, report))
    })
}

function layer(text: string, before: Readonly<Record<string, number>> = {}): Record<string, number> {
  const [, name, ms] = /^([\w-]+)=(\d+(?:\.\d+)?)$/.exec(text) ?? []
  if (!name || !ms) throw new InvalidArgumentError('It must be a layer and its milliseconds, like fine=30.')
  return { ...before, [name]: Number(ms) }
}

/** @throws Misuse for a budget of a layer that is neither planned nor measured */
function checkLayers(given: BudgetOptions['layer'] = {}, there: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !there.includes(name))
  if (unknown === undefined) return
  throw new Misuse(`Cannot set a budget for layer "${unknown}": ${knownNames(unknown, [...new Set(there)])}`)
}

function budgetOf(usual: readonly BudgetLine[], { layer: given = {}, total }: BudgetOptions): BudgetLine[] {
  const known = new Set(usual.map((line) => line.layer))
  const lines = [
    ...usual.map((line) => ({ ...line, budgetMs: given[line.layer] ?? line.budgetMs })),
    ...Object.entries(given).flatMap(([name, budgetMs]) => (known.has(name) ? [] : [{ layer: name, budgetMs }])),
  ]
  const sum = lines.reduce((all, line) => all + line.budgetMs, 0)
  return total === undefined ? lines : lines.map((line) => ({ ...line, budgetMs: (line.budgetMs * total) / sum }))
}

/** Histograms of the stages that come one after the other. @throws SluiceError ERR_PLAN_INPUT */
async function measured(context: Context, options: BudgetOptions, from: string): Promise<Record<string, Buckets>> {
  const reading = await readingFrom(context, { ...options, from })
  const now = reading.kind === 'server' ? reading.now : parseSamples(reading.text)
  const before = reading.kind === 'server' ? reading.before : undefined
  const having = options.surface === undefined ? {} : { surface: options.surface }
  const name = 'sluice_stage_duration_seconds'
  const stages = [...totalsBy(now, `${name}_count`, 'stage', having).keys()].filter((stage) => stage !== BESIDE)
  const layers = stages.map((stage) => [stage, bucketsOf(now, before, name, { stage, ...having })] as const)
  if (!layers.some(([, { count }]) => count > 0)) {
    const where = options.surface === undefined ? '' : ` on surface "${options.surface}"`
    throw new SluiceError('ERR_PLAN_INPUT', [from, `no slate was made${where} in the time that was measured`])
  }
  return Object.fromEntries(layers)
}

function budgetView(terminal: Terminal, report: BudgetReport): string {
  const { yellow, bold } = terminal.colours
  const cell = (ms: number | undefined) => (ms === undefined ? '' : milliseconds(ms))
  const rows = report.lines.map(({ layer: name, budgetMs, mean, p50, p99, over }) => [
    over ? yellow(name) : name,
    budgetMs === 0 ? 'none' : milliseconds(budgetMs),
    cell(mean),
    cell(p50),
    over ? yellow(`${cell(p99)} over`) : cell(p99),
  ])
  rows.push([bold('together'), milliseconds(report.budgetMs), cell(report.sum?.mean), '', ''])
  const heads = ['budget ms', 'mean', 'p50', 'p99']
  const { calls, slowShare, quantileEach: each } = report.fanOut
  return [
    table(terminal, [{ head: 'layer' }, ...heads.map((head) => ({ head, right: true }))], rows),
    facts(terminal, [
      ['profile', report.profile],
      ...(report.sum
        ? ([
            ['p99, all slow at once', `${milliseconds(report.sum.p99Together)} ms`],
            ['p99, independently', `${milliseconds(report.sum.p99Apart)} ms`],
          ] as const)
        : []),
      ...(report.spare
        ? ([['most to spare', `${report.spare.layer}: ${milliseconds(report.spare.ms)} ms`]] as const)
        : []),
      [`waiting for ${calls} calls`, `${percent(slowShare)} of requests meet one slower than its own p99`],
      [
        'so that 99 % do not',
        `each call must keep its budget in ${(100 * each).toFixed(4).replace(/0+$/, '')} % of cases`,
      ],
    ]),
  ].join('\n')
}
