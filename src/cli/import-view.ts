import type { ImportReport } from '../app/index.ts'
import { clipped, count, counted, percent, seconds } from './figures.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** What became of every row of an import, for a person. */
export function reportView(terminal: Terminal, report: ImportReport, data: string): string {
  const { green, yellow, dim, bold } = terminal.colours
  const share = (value: number) => percent(value / report.rows)
  const rows = [
    [green('accepted'), count(report.accepted), share(report.accepted), ''],
    ['duplicate', count(report.duplicate), share(report.duplicate), ''],
    ...Object.entries(report.rejected).map(([code, rejected]) => [
      yellow(code),
      count(rejected),
      share(rejected),
      clipped(report.examples[code]?.[0] ?? '', 70),
    ]),
    [bold('rows'), bold(count(report.rows)), '', ''],
  ]
  const added = `${counted(report.items, 'item')}, ${counted(report.users, 'user')} and ${counted(report.events, 'event')}`
  return [
    table(
      terminal,
      [{ head: 'rows' }, { head: 'count', right: true }, { head: 'share', right: true }, { head: 'for example' }],
      rows,
    ),
    `Added ${added} to ${data} in ${seconds(report.seconds)}.`,
    dim(`Next: npx sluice up --data ${data}`),
  ].join('\n')
}
