import { Column, IdTable, type Shelf, type Shelved } from '../../foundation/base/index.ts'

type Value = string | number | boolean

/**
 * Free attributes in columns: per name one column of numbers, where text is kept as its row in a word table. A cell
 * is the number itself, or NaN for none; what type it is stands in a byte beside it.
 */
export class AttributeColumns implements Shelved {
  readonly words = new IdTable()
  private readonly byName = new Map<string, { values: Column<Float64Array>; types: Column<Uint8Array> }>()

  get names(): string[] {
    return [...this.byName.keys()]
  }

  /** How many names there are. */
  get count(): number {
    return this.byName.size
  }

  knows(name: string): boolean {
    return this.byName.has(name)
  }

  put(row: number, attributes: Readonly<Record<string, Value>>): void {
    for (const { types } of this.byName.values()) if (row < types.rows) types.array[row] = NONE
    for (const [name, value] of Object.entries(attributes)) {
      const column = this.column(name)
      column.values.ensure(row)
      column.types.ensure(row)
      column.values.array[row] = this.encode(value, true)
      column.types.array[row] = typeOf(value)
    }
  }

  /** A reader of one attribute: the cell as a comparable number, or NaN where the item has none or of another type. */
  reader(name: string, type: Value): (row: number) => number {
    const column = this.byName.get(name)
    const wanted = typeOf(type)
    if (!column) return () => Number.NaN
    return (row) =>
      row < column.types.rows && column.types.array[row] === wanted ? column.values.array[row] : Number.NaN
  }

  has(name: string, row: number): boolean {
    const column = this.byName.get(name)
    return column !== undefined && row < column.types.rows && column.types.array[row] !== NONE
  }

  /** A value as it is kept in a cell; -1 for a word that no item has. */
  encode(value: Value, add = false): number {
    if (typeof value === 'number') return value
    if (typeof value === 'boolean') return value ? 1 : 0
    return add ? this.words.row(value) : this.words.find(value)
  }

  shelve(shelf: Shelf): void {
    shelf.part('words', this.words)
    shelf.texts('names', this.names).forEach((name, place) => {
      const { values, types } = this.column(name)
      shelf.part(`values.${place}`, values)
      shelf.part(`types.${place}`, types)
    })
  }

  private column(name: string) {
    let column = this.byName.get(name)
    if (!column) {
      column = { values: new Column(Float64Array), types: new Column(Uint8Array) }
      this.byName.set(name, column)
    }
    return column
  }
}

const NONE = 0
function typeOf(value: Value): number {
  return typeof value === 'number' ? 1 : typeof value === 'string' ? 2 : 3
}
