import { count, milliseconds, percent, seconds } from '../figures.ts'
import { facts, table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import type { BreakReport, BreakStep, Limits } from './find-break.ts'
import type { LoadReport } from './run.ts'
import type { Latency, TallyReport } from './tally.ts'

/** Lateness of the generator at which its figures are no longer the server's. */
const LAG_MS = 5
const at = ['p50', 'p90', 'p99', 'p99.9', 'max'] as const
const columns = (...heads: string[]) => heads.map((head) => ({ head, right: true }))
const cells = (latency: Latency) => at.map((percentile) => milliseconds(latency[percentile]))

export function loadView(terminal: Terminal, report: LoadReport): string {
  const { slates, surfaces, segments, events, warmUpSeconds } = report
  const { accepted, duplicate, rejected } = events
  const rows = [
    ...Object.entries(surfaces).map(([name, tally]) => requestRow(terminal, name, tally)),
    ...(segments.length > 1
      ? segments.map(({ name, rate, slates: tally }) =>
          requestRow(terminal, `${name}, ${rate.toFixed(0)}/s`, tally, false),
        )
      : []),
    requestRow(terminal, 'all slates', slates),
    ...(events.sent > 0 ? [requestRow(terminal, 'event requests', events)] : []),
  ]
  return [
    table(terminal, [{ head: 'ms' }, ...columns('sent', 'failed', ...at), { head: 'rungs' }], rows),
    stagesView(terminal, report),
    facts(terminal, [
      [
        'asked',
        `${count(report.rate)} slates/s (${report.profile}) for ${seconds(report.seconds)}, Poisson arrivals, latency from the due time`,
      ],
      ['not counted', `${seconds(warmUpSeconds)} of warm-up before`],
      ['answered', `${report.throughput.toFixed(1)} slates/s`],
      ...(report.cost
        ? ([['cost', `${milliseconds(report.cost.cpuMs)} ms of the server’s CPU per slate`]] as const)
        : []),
      ...(events.sent > 0
        ? ([
            ['events', `${count(accepted)} accepted, ${count(duplicate)} duplicate, ${count(rejected)} rejected`],
          ] as const)
        : []),
      ...errorsFact(report),
      ['generator', `late by ${milliseconds(report.lagMs.p50)} ms at p50, ${milliseconds(report.lagMs.p99)} ms at p99`],
    ]),
    ...lateness(terminal, report),
  ].join('\n')
}

/** One rate of the search for the edge, in one line. */
export function stepLine(terminal: Terminal, { rate, broke, report }: BreakStep): string {
  const { green, red } = terminal.colours
  const { slates, throughput, lagMs } = report
  const verdict = broke.length === 0 ? green('holds') : red(`breaks: ${broke.join(', ')}`)
  return `${String(rate).padStart(6)}/s  p50 ${milliseconds(slates.latencyMs.p50)}  p99 ${milliseconds(slates.latencyMs.p99)}  p99.9 ${milliseconds(slates.latencyMs['p99.9'])} ms  ${throughput.toFixed(0)}/s answered  ${rungsOf(slates)}  generator ${milliseconds(lagMs.p99)} ms late  ${verdict}`
}

export function breakView(terminal: Terminal, { steps, holds, breaks, limits }: BreakReport): string {
  const best = steps.filter(({ broke }) => broke.length === 0).at(-1)
  return [
    ...(best ? [loadView(terminal, best.report), ''] : []),
    facts(terminal, [
      ['holds', holds > 0 ? `${count(holds)} slates/s` : 'no rate that was tried'],
      ['breaks', breaks === undefined ? 'at no rate that was tried' : `${count(breaks)} slates/s`],
      ['limits', limitsLine(limits)],
    ]),
  ].join('\n')
}

function limitsLine({ p99Ms, fullMin = 0 }: Limits): string {
  const full = fullMin > 0 ? `, ${percent(fullMin, 0)} on the rung full` : ''
  return `p99 ${count(p99Ms)} ms, one failure in a thousand, 95 % answered in time${full}`
}

function requestRow(terminal: Terminal, name: string, tally: TallyReport, rungs = true): string[] {
  const failed = tally.failed > 0 ? terminal.colours.yellow(count(tally.failed)) : '0'
  return [name, count(tally.sent), failed, ...cells(tally.latencyMs), rungs ? rungsOf(tally) : '']
}

function rungsOf({ rungs }: TallyReport): string {
  return Object.entries(rungs)
    .map(([rung, share]) => `${rung} ${percent(share)}`)
    .join(', ')
}

function stagesView(terminal: Terminal, { stages }: LoadReport): string {
  const rows = Object.entries(stages).map(([stage, { latencyMs, statuses }]) => {
    const said = Object.entries(statuses).map(([status, n]) => `${status} ${count(n)}`)
    return [stage, ...cells(latencyMs), said.join(', ')]
  })
  return table(terminal, [{ head: 'stage, ms' }, ...columns(...at), { head: 'said' }], rows)
}

function errorsFact({ slates, events }: LoadReport): (readonly [string, string])[] {
  const codes = [...new Set([...Object.keys(slates.errors), ...Object.keys(events.errors)])]
  if (codes.length === 0) return []
  const told = codes.map((code) => `${code} ${count((slates.errors[code] ?? 0) + (events.errors[code] ?? 0))}`)
  return [['errors', told.join(', ')]]
}

function lateness(terminal: Terminal, { lagMs }: LoadReport): string[] {
  if (lagMs.p99 <= LAG_MS) return []
  const late = milliseconds(lagMs.p99)
  return [
    terminal.colours.yellow(
      `The generator itself was ${late} ms late at its p99: part of these figures is its own, or the machine is busy`,
    ),
  ]
}
