import type { Command } from 'commander'
import type { Context } from './context.ts'
import { milliseconds, percent } from './figures.ts'
import { openPlatform, type OpenOptions } from './open.ts'
import { configOption, dataOption, jsonOption, keyOption, urlOption } from './options.ts'
import { table } from './table.ts'

interface FaultsOptions extends OpenOptions {
  readonly off?: boolean
  readonly json?: boolean
}

export function faultsCommand(program: Command, context: Context): void {
  program
    .command('faults')
    .description(
      'Inject failures into a running server on purpose, or end them; without arguments, say what is injected.',
    )
    .argument('[faults...]', 'NAME, NAME:PROBABILITY or NAME:PROBABILITY:MS; in place of those injected before')
    .option('--off', 'end them all')
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The server must have been started with SLUICE_FAULTS=on, or with ladder.faults in its configuration.

Examples:
  $ sluice faults ranker-down
  $ sluice faults features-slow:0.3:80 index-down
  $ sluice faults --off`,
    )
    .action((wanted: string[], options: FaultsOptions) => injectOrTell(context, wanted, options))
}

async function injectOrTell(context: Context, wanted: readonly string[], options: FaultsOptions): Promise<void> {
  const { terminal, rooms } = context
  const { faults, parseFaults } = await rooms.app()
  const injections = parseFaults(wanted.join(','))
  const platform = await openPlatform(context, options)
  try {
    const change = options.off === true || injections.length > 0
    const report = change ? await platform.injectFaults(options.off ? [] : injections) : await platform.faults()
    if (options.json) return terminal.out(JSON.stringify(report))
    const active = new Map(report.active.map((injection) => [injection.fault, injection]))
    const rows = Object.entries(faults).map(([name, { say, rung }]) => {
      const injection = active.get(name as keyof typeof faults)
      const ms = injection && injection.ms > 0 ? `, ${milliseconds(injection.ms)} ms` : ''
      const state = injection ? terminal.colours.red(percent(injection.probability, 0) + ms) : ''
      return [name, state, say, rung]
    })
    const heads = ['fault', 'injected', 'what happens', 'lowest rung'].map((head) => ({ head }))
    terminal.out(table(terminal, heads, rows))
    if (!report.allowed) terminal.err('This server injects none: start it with SLUICE_FAULTS=on to allow it')
  } finally {
    await platform.close()
  }
}
