import type { EvaluationReport, MetricValue } from '../app/index.ts'
import { counted } from './figures.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** Metrics that fit beside each other in a window; --json has all. Where all are there, in this order. */
const shown = ['ndcg@10', 'recall@10', 'hr@10', 'mrr@10', 'map@10', 'coverage@10', 'novelty@10']

type Row = EvaluationReport['rows'][number]

/** The rows of an evaluation, best NDCG first, the best value of each column marked, intervals under the values. */
export function evaluationView(terminal: Terminal, report: EvaluationReport): string {
  const { bold, green, dim } = terminal.colours
  const names = metricsOf(report.rows)
  const lead = names[0]
  const of = (row: Row, name: string | undefined): MetricValue | undefined =>
    name === undefined ? undefined : row.metrics[name]
  const order = [...report.rows].sort((a, b) => (of(b, lead)?.value ?? -1) - (of(a, lead)?.value ?? -1))
  const best = new Map(names.map((name) => [name, Math.max(...report.rows.map((row) => of(row, name)?.value ?? -1))]))
  const rows = order.map((row) => [
    row.kind === 'spine' ? bold(row.name) : row.name,
    row.kind,
    ...names.map((name) => {
      const metric = of(row, name)
      if (!metric) return '-'
      const value = metric.value.toFixed(4)
      const { low, high } = metric
      const range = low === null || high === null ? '' : `\n${dim(`${low.toFixed(3)}–${high.toFixed(3)}`)}`
      return (metric.value === best.get(name) ? green(`${value} *`) : value) + range
    }),
  ])
  const columns = [{ head: 'ranking' }, { head: 'kind' }, ...names.map((head) => ({ head, right: true }))]
  return [
    `${report.protocol}: ${counted(report.users, 'user')} judged, ${counted(report.items, 'item')} ranked; * best; 95 % intervals over users`,
    table(terminal, columns, rows),
    ...report.notes.map((note) => dim(`- ${note}`)),
  ].join('\n')
}

function metricsOf(rows: readonly Row[]): string[] {
  const all = new Set(rows.flatMap((row) => Object.keys(row.metrics)))
  const known = shown.filter((name) => all.has(name))
  return known.length > 0 ? known : [...all].slice(0, shown.length)
}
