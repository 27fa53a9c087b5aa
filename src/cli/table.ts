import Table from 'cli-table3'
import type { Terminal } from './terminal.ts'

export interface TableColumn {
  readonly head: string
  readonly right?: boolean
}

/** A table with light lines. Cells may hold colour and line breaks. */
export function table(
  terminal: Terminal,
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): string {
  const made = new Table({
    head: columns.map((column) => terminal.colours.bold(column.head)),
    colAligns: columns.map((column) => (column.right ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 1, 'padding-right': 1, compact: true },
  })
  for (const row of rows) made.push([...row])
  return made.toString()
}

/** Facts by name, one a line, values in one column. */
export function facts(terminal: Terminal, entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...entries.map(([name]) => name.length))
  return entries.map(([name, value]) => `${terminal.colours.dim(name.padEnd(width))}  ${value}`).join('\n')
}
