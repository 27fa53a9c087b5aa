import type { Explanation } from '../app/index.ts'
import { reasons } from '../domain/index.ts'
import { clipped, count, milliseconds, moment } from './figures.ts'
import { gantt } from './gantt.ts'
import { facts, table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** Parts of a score that are named, largest first by size. */
const PARTS = 4

/** An explanation for a person: what was asked, the funnel, what was removed, the stages, and the first items. */
export function explanationView(terminal: Terminal, explanation: Explanation, itemsShown: number): string {
  const { bold } = terminal.colours
  const section = (title: string, text: string) => `\n${bold(title)}\n${text}`
  const removals = Object.entries(explanation.removals).filter(([, removed]) => removed > 0)
  return [
    facts(terminal, [
      ['slate', explanation.slate],
      ['surface', explanation.surface],
      ['user', explanation.user ?? 'nobody known'],
      ['made', moment(explanation.at)],
      ['rung', explanation.rung],
      ['digest', explanation.digest],
      ...(explanation.models
        ? [
            [
              'models',
              Object.entries(explanation.models)
                .map(([stage, by]) => `${stage} ${by}`)
                .join(', '),
            ] as const,
          ]
        : []),
    ]),
    section('Funnel', explanation.funnel.map((step) => `${step.step} ${count(step.count)}`).join(' → ')),
    ...(removals.length > 0 ? [section('Removed', removalsTable(terminal, removals))] : []),
    section('Stages', stagesTable(terminal, explanation)),
    section('Time', gantt(terminal, explanation.stages)),
    section('Sources', sourcesTable(terminal, explanation)),
    section('Items', itemsTable(terminal, explanation, itemsShown)),
  ].join('\n')
}

function removalsTable(terminal: Terminal, removals: readonly (readonly [string, number])[]): string {
  const say = reasons as Readonly<Record<string, string>>
  const rows = removals.map(([reason, removed]) => [reason, count(removed), `the item ${say[reason] ?? ''}`])
  return table(terminal, [{ head: 'reason' }, { head: 'items', right: true }, { head: 'meaning' }], rows)
}

function stagesTable(terminal: Terminal, { stages }: Explanation): string {
  const rows = stages.map((stage) => [stage.stage, stage.status, count(stage.in), count(stage.out), stage.note ?? ''])
  return table(
    terminal,
    [
      { head: 'stage' },
      { head: 'status' },
      { head: 'in', right: true },
      { head: 'out', right: true },
      { head: 'note' },
    ],
    rows,
  )
}

function sourcesTable(terminal: Terminal, { sources }: Explanation): string {
  const rows = sources.map((source) => [
    source.name,
    source.status,
    milliseconds(source.ms),
    count(source.count),
    source.note ?? '',
  ])
  return table(
    terminal,
    [
      { head: 'source' },
      { head: 'status' },
      { head: 'ms', right: true },
      { head: 'candidates', right: true },
      { head: 'note' },
    ],
    rows,
  )
}

function itemsTable(terminal: Terminal, { items }: Explanation, shown: number): string {
  const rows = items.slice(0, shown).map((item) => [
    String(item.position),
    clipped(item.title ?? item.item, 36),
    item.scores.fine.toFixed(3),
    largest(item.contributions),
    Object.entries(item.sources)
      .map(([name, { rank }]) => `${name} #${rank}`)
      .join('\n'),
    item.propensity.toPrecision(3) + (item.explored ? '\nexplored' : '') + (item.pinned ? '\npinned' : ''),
  ])
  return table(
    terminal,
    [
      { head: '#', right: true },
      { head: 'title' },
      { head: 'score', right: true },
      { head: 'is made of' },
      { head: 'found by' },
      { head: 'propensity', right: true },
    ],
    rows,
  )
}

function largest(contributions: Readonly<Record<string, number>>): string {
  return Object.entries(contributions)
    .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    .slice(0, PARTS)
    .map(([name, value]) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)} ${name}`)
    .join('\n')
}
