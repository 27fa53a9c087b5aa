import { Column, type Numbers } from '../../foundation/base/index.ts'
import { type ColumnSpec, type SampleChunk, type TableName, tableNames, tables, widthOf } from './schema.ts'

type Growing = Record<TableName, Record<string, Column<Numbers>>>

/** Collects the rows of one chunk in growing columns. `rows` counts what is complete, per table. */
export class ChunkWriter {
  readonly rows: Record<TableName, number> = { requests: 0, impressions: 0, histories: 0, nears: 0 }
  private readonly growing: Growing

  constructor(features: number) {
    this.growing = columnsOf((spec) => {
      const width = widthOf(spec, features)
      return new Column<Numbers>(spec.make, { width, rows: 1024 })
    })
  }

  /** Makes room for `count` more rows of a table and gives the first one's number. */
  add(table: TableName, count = 1): number {
    const first = this.rows[table]
    this.rows[table] += count
    if (count > 0) for (const column of Object.values(this.growing[table])) column.ensure(first + count - 1)
    return first
  }

  put<T extends TableName>(table: T, name: keyof (typeof tables)[T] & string, row: number, value: number): void {
    this.growing[table][name]!.array[row] = value
  }

  /** The block of `count` rows from `first` on as a view; valid until the next `add`. */
  block<T extends TableName>(table: T, name: keyof (typeof tables)[T] & string, first: number, count: number): Numbers {
    const { array, width } = this.growing[table][name]!
    return array.subarray(first * width, (first + count) * width)
  }

  /** The chunk, and an empty writer. */
  take(): SampleChunk {
    const chunk = {} as Record<TableName, Record<string, Numbers>>
    for (const table of tableNames) {
      chunk[table] = {}
      for (const [name, { array, width }] of Object.entries(this.growing[table]))
        chunk[table][name] = array.slice(0, this.rows[table] * width)
      this.rows[table] = 0
    }
    return chunk as unknown as SampleChunk
  }

  /** An empty chunk of exact size, to be filled from a file. */
  static empty(features: number, rows: Readonly<Record<TableName, number>>): SampleChunk {
    const chunk = {} as Record<TableName, Record<string, Numbers>>
    for (const table of tableNames) {
      chunk[table] = {}
      for (const [name, spec] of Object.entries(tables[table] as Record<string, ColumnSpec>))
        chunk[table][name] = new spec.make(rows[table] * widthOf(spec, features))
    }
    return chunk as unknown as SampleChunk
  }

  /** Bytes of one row of each table. */
  static bytesPerRow(features: number): Record<TableName, number> {
    const sizes = {} as Record<TableName, number>
    for (const table of tableNames) {
      sizes[table] = 0
      for (const spec of Object.values(tables[table] as Record<string, ColumnSpec>))
        sizes[table] += spec.make.BYTES_PER_ELEMENT * widthOf(spec, features)
    }
    return sizes
  }
}

function columnsOf(make: (spec: ColumnSpec) => Column<Numbers>): Growing {
  const made = {} as Growing
  for (const table of tableNames) {
    made[table] = {}
    for (const [name, spec] of Object.entries(tables[table] as Record<string, ColumnSpec>))
      made[table][name] = make(spec)
  }
  return made
}
