import type { Command } from 'commander'
import type { PortfolioReport } from '../app/index.ts'
import type { Context } from './context.ts'
import { count, milliseconds, percent } from './figures.ts'
import { withPlatform, type OpenOptions } from './open.ts'
import { configOption, dataOption, jsonOption, keyOption, urlOption } from './options.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

export function portfolioCommand(program: Command, context: Context): void {
  program
    .command('portfolio')
    .description(
      'Show what each retrieval source is worth: its share of what is retrieved, ranked, served and clicked.',
    )
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Example:
  $ sluice portfolio`,
    )
    .action(async (options: OpenOptions & { json?: boolean }) => {
      const report = await withPlatform(context, options, (platform) => platform.portfolio())
      context.terminal.out(options.json ? JSON.stringify(report) : portfolioView(context.terminal, report))
    })
}

export function portfolioView(terminal: Terminal, { rows, slates }: PortfolioReport): string {
  const sum = (pick: (row: PortfolioReport['rows'][number]) => number) => rows.reduce((all, row) => all + pick(row), 0)
  const retrieved = sum((row) => row.retrieved)
  const ranked = sum((row) => row.ranked)
  const served = sum((row) => row.served)
  const clicked = sum((row) => row.clicked)
  const cells = rows.map((row) => [
    row.source,
    percent(row.retrieved / retrieved),
    percent(row.ranked / ranked),
    percent(row.served / served),
    percent(row.clicked / clicked),
    count(row.unique),
    milliseconds(row.msMean),
    milliseconds(row.msMax),
    row.late + row.failed > 0 ? terminal.colours.yellow(count(row.late + row.failed)) : '0',
    row.verdict,
  ])
  const heads = ['retrieved', 'ranked', 'served', 'clicked', 'only it', 'ms', 'ms max', 'late']
  const columns = [{ head: 'source' }, ...heads.map((head) => ({ head, right: true })), { head: 'verdict' }]
  return `${table(terminal, columns, cells)}\nOver ${count(slates)} slates; shares of all sources; "only it": served items that no other source proposed`
}
