import type { Slate } from '../domain/index.ts'
import { clipped } from './figures.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** Where items come from when nothing was retrieved and nothing ranked. */
const unranked: Partial<Record<Slate['rung'], string>> = {
  cached: 'a slate from before',
  popular: 'what is popular',
  sweep: 'the whole catalogue',
}

/** A slate as a table: position, title, score, sources, why; and under it how whole the answer is. */
export function slateView(terminal: Terminal, slate: Slate): string {
  const { dim, yellow, green } = terminal.colours
  const scored = slate.items.some(({ score }) => score !== 0)
  const rows = slate.items.map((item) => [
    String(item.position),
    clipped(item.title ?? item.item, 44),
    scored ? item.score.toFixed(3) : '',
    clipped(item.sources.join(', ') || unranked[slate.rung] || '', 34),
    clipped((item.explored ? 'exploration: ' : '') + item.reason, 52),
  ])
  const columns = [
    { head: '#', right: true },
    { head: 'title' },
    { head: 'score', right: true },
    { head: 'sources' },
    { head: 'why' },
  ]
  const rung = slate.rung === 'full' ? green(slate.rung) : yellow(slate.rung)
  const ms = Math.max(0, ...slate.stages.map((stage) => stage.at + stage.ms))
  const weak = slate.stages.filter((stage) => stage.status !== 'ok').map((stage) => `${stage.stage} ${stage.status}`)
  const foot = [
    `slate ${slate.slate}`,
    `rung ${rung}`,
    `${ms.toFixed(1)} ms`,
    slate.personal ? 'from the viewer’s history' : 'not personal',
    ...weak,
  ].join(dim(' · '))
  const notes = slate.stages.flatMap(({ stage, note }) => (note === undefined ? [] : [`${stage}: ${note}`]))
  return rows.length === 0
    ? ['No eligible item.', ...notes, foot].join('\n')
    : `${table(terminal, columns, rows)}\n${foot}`
}
