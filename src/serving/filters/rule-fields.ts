import type { IdTable, Lists } from '../../foundation/base/index.ts'
import { timeOf } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'

export type Test = (row: number) => boolean
export type Scalar = string | number | boolean

/** What a rule can ask of one field of an item. */
export interface Field {
  /** What values of it are, for messages. */
  readonly holds: string
  /** Is there a value? */
  exists: Test
  /** A test for one value, or undefined when the field cannot hold such a value. */
  is(value: Scalar): Test | undefined
  /** A test for min <= value <= max, or undefined when the field has no order. */
  between(min: number, max: number): Test | undefined
  /** A bound as a number of this field, or NaN when it cannot be one. */
  bound(value: unknown): number
}

const number = (value: unknown) => (typeof value === 'number' ? value : Number.NaN)

/**
 * The fields of an item that rules may name. Every item has a `stock` (left out: without limit), a `published` (left
 * out: when it was added) and an `ageRating` (left out: 0). Tags and languages are compared without case.
 */
export function builtInFields(items: Items): ReadonlyMap<string, Field> {
  const same = (text: string) => text
  const lower = (text: string) => text.toLowerCase()
  const single = Math.fround // kept in 32 bits: 19.99 must equal 19.99
  return new Map([
    ['category', listField(items.categoriesOf, items.categories, same)],
    ['tag', listField(items.tagsOf, items.tags, lower)],
    ['creator', wordField(items.creator, items.creators, same)],
    ['language', wordField(items.language, items.languages, lower)],
    ['duration', numberField(items.duration, single)],
    ['price', numberField(items.price, single)],
    ['stock', numberField(items.stock, single)],
    ['ageRating', numberField(items.ageRating, (value) => value)],
    ['published', timeField(items.published)],
  ])
}

/** One of the catalogue's own attributes. No item has it: every condition fails but `"exists": false`. */
export function attributeField({ attributes }: Items, name: string): Field {
  return {
    holds: 'text, numbers or yes/no',
    bound: number,
    exists: (row) => attributes.has(name, row),
    is: (value) => {
      const cell = attributes.reader(name, value)
      const wanted = attributes.encode(value)
      return (row) => cell(row) === wanted
    },
    between: (min, max) => {
      const cell = attributes.reader(name, 0)
      return (row) => cell(row) >= min && cell(row) <= max
    },
  }
}

type Cells = { readonly array: { readonly [row: number]: number } }

function listField(lists: Lists, names: IdTable, spell: (text: string) => string): Field {
  return {
    holds: 'text',
    bound: number,
    exists: (row) => lists.length(row) > 0,
    is: (value) => {
      if (typeof value !== 'string') return undefined
      const word = names.find(spell(value))
      return word < 0 ? () => false : (row) => lists.includes(row, word)
    },
    between: () => undefined,
  }
}

function wordField(cells: Cells, names: IdTable, spell: (text: string) => string): Field {
  return {
    holds: 'text',
    bound: number,
    exists: (row) => cells.array[row] >= 0,
    is: (value) => {
      if (typeof value !== 'string') return undefined
      const word = names.find(spell(value))
      return word < 0 ? () => false : (row) => cells.array[row] === word
    },
    between: () => undefined,
  }
}

function numberField(cells: Cells, kept: (value: number) => number): Field {
  return {
    holds: 'numbers',
    bound: number,
    exists: (row) => !Number.isNaN(cells.array[row]),
    is: (value) => {
      if (typeof value !== 'number') return undefined
      const wanted = kept(value)
      return (row) => cells.array[row] === wanted
    },
    between: (min, max) => {
      const [low, high] = [kept(min), kept(max)]
      return (row) => cells.array[row] >= low && cells.array[row] <= high
    },
  }
}

/** Moments: milliseconds, or ISO 8601 text. */
function timeField(cells: Cells): Field {
  const plain = numberField(cells, (value) => value)
  return {
    ...plain,
    holds: 'moments (milliseconds or ISO 8601 text)',
    bound: (value) => (typeof value === 'string' ? timeOf(value) : number(value)),
    is: (value) => {
      if (typeof value === 'boolean') return undefined
      const at = timeOf(value)
      return Number.isNaN(at) ? undefined : plain.is(at)
    },
  }
}
