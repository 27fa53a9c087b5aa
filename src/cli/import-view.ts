import type { ImportReport } from '../app/index.ts'
import { clipped, count, counted, percent, seconds, wrapped } from './figures.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** Most that is shown of an example: a record can be as long as it likes. */
const EXAMPLE_MAX = 300
/** Columns of the window that the other cells take. */
const OTHER_CELLS = 56
const EXAMPLE_WIDTH_MIN = 40

/** What became of every row of an import, for a person. */
export function reportView(terminal: Terminal, report: ImportReport, data: string): string {
  const { green, yellow, dim, bold } = terminal.colours
  const share = (value: number) => percent(value / report.rows)
  const width = Math.max(EXAMPLE_WIDTH_MIN, terminal.width - OTHER_CELLS)
  const taken = report.accepted + report.duplicate > 0
  const rows = [
    [green('accepted'), count(report.accepted), share(report.accepted), ''],
    ['duplicate', count(report.duplicate), share(report.duplicate), ''],
    ...Object.entries(report.rejected).map(([code, rejected]) => [
      yellow(code),
      count(rejected),
      share(rejected),
      wrapped(clipped(report.examples[code]?.[0] ?? '', EXAMPLE_MAX), width),
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
    ...(taken
      ? [
          `Added ${added} to ${data} in ${seconds(report.seconds)}.`,
          ...spanOf(report),
          dim(`Next: npx sluice up --data ${data}`),
        ]
      : [`Added nothing to ${data}.`, dim('Next: mend what the examples name, and import again')]),
  ].join('\n')
}

/** Times in a wrong unit show at a glance. */
function spanOf({ span }: ImportReport): string[] {
  return span ? [`The events are from ${day(span.from)} to ${day(span.to)}.`] : []
}

const day = (at: number) => new Date(at).toISOString().slice(0, 10)
