import type { TrainReport } from '../app/index.ts'
import { count } from './figures.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

type Metrics = TrainReport['metrics']

/**
 * What a model was measured by. A ranking model has the same figures of each head: one table, a row for each. Others are
 * told by name. Intervals stand under the figures of heads, and beside the others.
 */
export function metricsView(terminal: Terminal, metrics: Metrics): string {
  const { dim } = terminal.colours
  const names = Object.keys(metrics).filter((name) => !/\.(low|high)$/.test(name))
  const heads = names.filter((name) => name.endsWith('.known')).map((name) => name.slice(0, -'.known'.length))
  const headOf = (name: string) => heads.find((head) => name.startsWith(`${head}.`))
  const columns = new Set<string>()
  for (const name of names) {
    const head = headOf(name)
    if (head !== undefined) columns.add(name.slice(head.length + 1))
  }
  // A figure without a head is that of the head that counts, once more.
  const others = names.filter((name) => headOf(name) === undefined && !columns.has(name))
  const right = (head: string) => ({ head, right: true })
  const tables: string[] = []
  if (heads.length > 0) {
    const rows = heads.map((head) => [
      head,
      ...[...columns].map((column) => {
        const name = `${head}.${column}`
        const range = interval(metrics, name, 3, '–')
        return figure(column, metrics[name]) + (range ? `\n${dim(range)}` : '')
      }),
    ])
    tables.push(table(terminal, [{ head: 'head' }, ...[...columns].map(right)], rows))
    if (Object.keys(metrics).some((name) => name.endsWith('.low') && headOf(name) !== undefined))
      tables.push(dim('95 % intervals over users stand under the figures'))
  }
  if (others.length > 0) {
    const rows = others.map((name) => [name, figure(name, metrics[name]), interval(metrics, name)])
    tables.push(table(terminal, [{ head: 'metric' }, right('value'), { head: '95 % interval' }], rows))
  }
  return tables.join('\n')
}

function figure(name: string, value: number | undefined): string {
  if (value === undefined) return ''
  return ['known', 'cases'].includes(name) ? count(value) : value.toFixed(4)
}

function interval(metrics: Metrics, name: string, digits = 4, between = ' to '): string {
  const [low, high] = [metrics[`${name}.low`], metrics[`${name}.high`]]
  return low === undefined || high === undefined ? '' : low.toFixed(digits) + between + high.toFixed(digits)
}
