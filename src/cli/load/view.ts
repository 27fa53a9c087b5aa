import { count, milliseconds, percent } from '../figures.ts'
import { facts, table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import type { LoadReport } from './run.ts'
import type { TallyReport } from './tally.ts'

/** Lateness of the generator at which its figures are no longer the server's. */
const LAG_MS = 5

export function loadView(terminal: Terminal, report: LoadReport): string {
  const { yellow } = terminal.colours
  const row = (name: string, tally: TallyReport) => [
    name,
    count(tally.sent),
    tally.failed > 0 ? yellow(count(tally.failed)) : '0',
    ...(['p50', 'p90', 'p99', 'p99.9', 'max'] as const).map((at) => milliseconds(tally.latencyMs[at])),
    Object.entries(tally.rungs)
      .map(([rung, share]) => `${rung} ${percent(share)}`)
      .join(', '),
  ]
  const heads = ['sent', 'failed', 'p50', 'p90', 'p99', 'p99.9', 'max']
  const rows = [
    ...Object.entries(report.surfaces).map(([name, tally]) => row(name, tally)),
    row('all slates', report.slates),
    ...(report.events.sent > 0 ? [row('event requests', report.events)] : []),
  ]
  const codes = [...new Set([...Object.keys(report.slates.errors), ...Object.keys(report.events.errors)])]
  const errors = codes.map(
    (code) => `${code} ${count((report.slates.errors[code] ?? 0) + (report.events.errors[code] ?? 0))}`,
  )
  const { accepted, duplicate, rejected } = report.events
  return [
    table(terminal, [{ head: 'ms' }, ...heads.map((head) => ({ head, right: true })), { head: 'rungs' }], rows),
    facts(terminal, [
      ['asked', `${count(report.rate)} slates/s for ${report.seconds} s, Poisson arrivals, latency from the due time`],
      ['answered', `${report.throughput.toFixed(1)} slates/s`],
      ...(report.events.sent > 0
        ? ([
            ['events', `${count(accepted)} accepted, ${count(duplicate)} duplicate, ${count(rejected)} rejected`],
          ] as const)
        : []),
      ...(errors.length > 0 ? ([['errors', errors.join(', ')]] as const) : []),
    ]),
    ...(report.lagMs.p99 > LAG_MS
      ? [
          yellow(
            `The generator itself was ${milliseconds(report.lagMs.p99)} ms late at its p99: part of these figures is its own`,
          ),
        ]
      : []),
  ].join('\n')
}
