import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Run, RunSummary } from '../app/index.ts'
import type { Context } from './context.ts'
import { writeOut } from './out-file.ts'
import { dataOption, existingFolder, jsonOption, nonEmpty } from './options.ts'
import { trialsView } from './sweep-view.ts'
import { facts, table } from './table.ts'
import type { Terminal } from './terminal.ts'

interface RunsOptions {
  readonly data: string
  readonly json?: boolean
}

/** `sluice runs list|show|plot`: the records of trainings and sweeps. */
export function runsCommand(program: Command, context: Context): void {
  const runs = program.command('runs').description('The records of trainings and sweeps: losses, metrics, plots.')
  const { terminal } = context
  const command = (words: string, say: string) =>
    runs.command(words).description(say).addOption(dataOption()).addOption(jsonOption())

  command('list', 'List every run that is kept, latest first.').action(async (options: RunsOptions) => {
    const app = await context.rooms.app()
    const listed = app.listRuns(existingFolder(terminal.folder, options.data))
    terminal.out(options.json ? JSON.stringify(listed) : listView(terminal, listed))
  })
  command('show <run>', 'Show a run: MODEL/VERSION, MODEL/now or sweep/NAME.').action(
    async (name: string, options: RunsOptions) => {
      const app = await context.rooms.app()
      const run = app.showRun(existingFolder(terminal.folder, options.data), name)
      terminal.out(options.json ? JSON.stringify(run) : runView(terminal, run, app.sparkline))
    },
  )
  command('plot <run>', 'Write a run as one page of HTML that needs nothing else.')
    .option('--out <file>', 'where it goes (default: named like the run, here)', nonEmpty)
    .action(async (name: string, options: RunsOptions & { out?: string }) => {
      const app = await context.rooms.app()
      const html = app.plotRun(existingFolder(terminal.folder, options.data), name)
      const out = resolve(terminal.folder, options.out ?? `${name.replaceAll('/', '-')}.html`)
      await writeOut(terminal.folder, out, html)
      terminal.out(options.json ? JSON.stringify({ run: name, out }) : out)
    })
}

function listView(terminal: Terminal, listed: readonly RunSummary[]): string {
  if (listed.length === 0) return 'No training was recorded here yet: sluice train bst-isolated'
  const columns = [
    { head: 'run' },
    { head: 'written' },
    { head: 'state' },
    { head: 'steps', right: true },
    { head: 'latest loss, or best value', right: true },
  ]
  const rows = listed.map(({ run, at, state, steps, figure }) => [
    run,
    new Date(at).toISOString().slice(0, 16).replace('T', ' '),
    state,
    String(steps),
    figure?.toFixed(5) ?? '',
  ])
  return table(terminal, columns, rows)
}

/** What a line on a validation says, of rankers and of retrieval models. */
const told = { 'click.auc': 'auc', 'click.logloss': 'logloss', 'recall@100': 'recall@100', 'ndcg@10': 'ndcg@10' }

function runView(
  terminal: Terminal,
  run: Run,
  sparkline: (values: readonly number[], width?: number) => string,
): string {
  if (run.kind === 'sweep') return trialsView(terminal, run.trials)
  const { points, end } = run
  const losses = points.filter(({ phase }) => phase === 'train').map(({ loss }) => loss)
  const width = Math.max(20, Math.min(100, terminal.width - 20))
  const shown: [string, string][] = [
    ['loss', sparkline(losses, width)],
    ['', losses.length === 0 ? 'no step is recorded' : `${losses[0]?.toFixed(5)} to ${losses.at(-1)?.toFixed(5)}`],
  ]
  for (const { epoch, metrics = {} } of points) {
    const figures = Object.entries(told).flatMap(([name, say]) => {
      const value = metrics[name]
      return value === undefined ? [] : [`${say} ${value.toFixed(4)}`]
    })
    if (figures.length > 0) shown.push([`epoch ${epoch}`, figures.join('  ')])
  }
  if (end === undefined) return facts(terminal, [...shown, ['state', 'it has not ended']])
  for (const [name, value] of Object.entries(end.metrics))
    if (!/\.(low|high)$/.test(name)) shown.push([name, value.toFixed(5)])
  shown.push(
    ['examples', String(end.examples)],
    ['seconds', end.seconds.toFixed(1)],
    ['configuration', JSON.stringify(end.config)],
  )
  return facts(terminal, shown)
}
