import type { Context } from './context.ts'
import { count, wrapped } from './figures.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

export type Report = Awaited<ReturnType<Awaited<ReturnType<Context['rooms']['app']>>['checkSamples']>>

/** A list of names is broken to this width; figures are shorter. */
const VALUE_WIDTH = 14
/** Columns of the window that borders, spaces and the verdict take beside the names, values and limits of checks. */
const OTHER_CELLS = 23
const SAY_WIDTH_MIN = 24

/** What samples hold, and what was found of them, as wide as the window. */
export function reportView(terminal: Terminal, report: Report): string {
  const { green, red, bold } = terminal.colours
  const heads = Object.entries(report.heads).map(([head, { known, mean }]) => [head, count(known), mean.toFixed(4)])
  const features = report.features.map(({ name, min, max, mean, notFinite, outside, correlation }) => [
    name,
    ...[min, max, mean].map(short),
    String(notFinite),
    String(outside),
    correlation.toFixed(3),
  ])
  const right = (...names: string[]) => names.map((head) => ({ head, right: true }))
  return [
    `${count(report.impressions)} impressions of ${count(report.requests)} requests by ${count(report.users)} viewers`,
    bold('labels'),
    table(terminal, [{ head: 'head' }, ...right('known', 'mean')], heads),
    bold('features'),
    table(
      terminal,
      [{ head: 'feature' }, ...right('min', 'max', 'mean', 'not\nfinite', 'out of\nrange', 'correlation\nwith click')],
      features,
    ),
    bold('checks'),
    checksView(terminal, report.checks),
    report.pass ? green('They can be trained on.') : red('They cannot be trained on.'),
  ].join('\n')
}

function checksView(terminal: Terminal, checks: Report['checks']): string {
  const { green, red } = terminal.colours
  const shown = checks.map(({ value, limit, ...check }) => ({ ...check, value: cell(value), limit: cell(limit) }))
  const widest = (texts: readonly string[]) =>
    Math.max(...texts.flatMap((text) => text.split('\n').map((l) => l.length)))
  const taken =
    widest(['check', ...shown.map(({ check }) => check)]) +
    widest(['value', ...shown.map(({ value }) => value)]) +
    widest(['limit', ...shown.map(({ limit }) => limit)])
  const width = Math.max(SAY_WIDTH_MIN, terminal.width - taken - OTHER_CELLS)
  const rows = shown.map(({ check, pass, value, limit, say }) => [
    check,
    pass ? green('pass') : red('fail'),
    value,
    limit,
    wrapped(say, width),
  ])
  const columns = ['check', 'verdict', 'value', 'limit', 'why'].map((head) => ({ head }))
  return table(terminal, columns, rows)
}

const short = (value: number) => String(Number(value.toPrecision(4)))
const cell = (value: number | string) =>
  typeof value === 'number' ? short(value) : wrapped(value.replaceAll(',', ', '), VALUE_WIDTH)
