import type { Trial } from '../app/index.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** Trials, furthest and best first. */
export function trialsView(terminal: Terminal, trials: readonly Trial[]): string {
  const names = [...new Set(trials.flatMap(({ settings }) => Object.keys(settings)))]
  const ordered = trials.toSorted(
    (a, b) =>
      b.rung - a.rung ||
      (b.value ?? Number.NEGATIVE_INFINITY) - (a.value ?? Number.NEGATIVE_INFINITY) ||
      a.trial - b.trial,
  )
  const columns = [
    { head: 'trial', right: true },
    { head: 'data', right: true },
    ...names.map((head) => ({ head, right: true })),
    { head: 'value', right: true },
    { head: 'auc', right: true },
    { head: 'seconds', right: true },
  ]
  const rows = ordered.map(({ trial, share, settings, value, metrics, seconds }) => [
    String(trial + 1),
    `${Math.round(share * 100)} %`,
    ...names.map((name) => String(settings[name] ?? '')),
    value === null ? 'diverged' : value.toFixed(5),
    metrics['click.auc']?.toFixed(4) ?? '',
    seconds.toFixed(1),
  ])
  return table(terminal, columns, rows)
}
