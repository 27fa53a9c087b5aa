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
  return [
    table(
      terminal,
      [{ head: 'rows' }, { head: 'count', right: true }, { head: 'share', right: true }, { head: 'for example' }],
      rows,
    ),
    ...(taken
      ? [whatCame(report, data), ...spanOf(report), dim(`Next: npx sluice up --data ${data}`)]
      : [`Added nothing to ${data}.`, dim('Next: mend what the examples name, and import again')]),
  ].join('\n')
}

/** What is in the folder now that was not, what is another, and what was there: people import a changed table again. */
function whatCame({ items, users, events, changed, duplicate, seconds: took }: ImportReport, data: string): string {
  const added = listed([counts(items, 'item'), counts(users, 'user'), counts(events, 'event')])
  const other = listed([counts(changed.items, 'item'), counts(changed.users, 'user')])
  return [
    `Added ${added || 'nothing'} to ${data} in ${seconds(took)}.`,
    ...(other ? [`Changed ${other}.`] : []),
    ...(duplicate > 0
      ? [`${counted(duplicate, 'row')} ${duplicate === 1 ? 'was' : 'were'} there before, just so.`]
      : []),
  ].join(' ')
}

const counts = (value: number, name: string) => (value === 0 ? '' : counted(value, name))

/** `a, b and c`, of those that are not empty. */
function listed(parts: readonly string[]): string {
  const said = parts.filter((part) => part !== '')
  return said.length < 2 ? (said[0] ?? '') : `${said.slice(0, -1).join(', ')} and ${said.at(-1)}`
}

/** Times in a wrong unit show at a glance. */
function spanOf({ span }: ImportReport): string[] {
  return span ? [`The events are from ${day(span.from)} to ${day(span.to)}.`] : []
}

const day = (at: number) => new Date(at).toISOString().slice(0, 10)
