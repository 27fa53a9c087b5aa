import type { Trial } from '../app/index.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** What is told of a trial beside its value, where it has it: of rankers, and of retrieval models. */
const shown = [
  ['click.auc', 'auc'],
  ['recall@100', 'recall@100'],
  ['ndcg@10', 'ndcg@10'],
] as const

/** Trials, furthest and best first. */
export function trialsView(terminal: Terminal, trials: readonly Trial[]): string {
  const names = [...new Set(trials.flatMap(({ settings }) => Object.keys(settings)))]
  const figures = shown.filter(([name]) => trials.some(({ metrics }) => metrics[name] !== undefined))
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
    ...figures.map(([, head]) => ({ head, right: true })),
    { head: 'seconds', right: true },
  ]
  const rows = ordered.map(({ trial, share, settings, value, metrics, seconds }) => [
    String(trial + 1),
    `${Math.round(share * 100)} %`,
    ...names.map((name) => String(settings[name] ?? '')),
    value === null ? 'diverged' : value.toFixed(5),
    ...figures.map(([name]) => metrics[name]?.toFixed(4) ?? ''),
    seconds.toFixed(1),
  ])
  return table(terminal, columns, rows)
}
