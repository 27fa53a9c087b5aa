import { Cell, Column, Documents, IdTable, Lists, type Shelf, type Shelved } from '../../foundation/base/index.ts'
import { type Item, timeOf } from '../../domain/index.ts'
import { AttributeColumns } from './attributes.ts'

/** Flags are interned to bits; the catalogue takes this many different ones, later ones share the last bit. */
const FLAG_BITS = 31

const COLUMNS = [
  'alive',
  'hidden',
  'added',
  'published',
  'expires',
  'duration',
  'price',
  'stock',
  'ageRating',
  'flagBits',
  'creator',
  'language',
  'restricted',
] as const
const TABLES = ['ids', 'creators', 'categories', 'tags', 'languages', 'countries', 'flags'] as const
const LISTS = ['categoriesOf', 'tagsOf', 'onlyCountries', 'notCountries', 'itemsOf'] as const
const PARTS = [...TABLES, ...COLUMNS, ...LISTS, 'attributes', 'documents', 'live', 'reclassified'] as const

/** The catalogue in columns: one row per item id ever seen. Read-only for every other room. */
export class Items implements Shelved {
  readonly ids = new IdTable()
  readonly creators = new IdTable()
  readonly categories = new IdTable()
  readonly tags = new IdTable()
  readonly languages = new IdTable()
  readonly countries: IdTable
  readonly flags = new IdTable()

  readonly alive = new Column(Uint8Array)
  readonly hidden = new Column(Uint8Array)
  /** Milliseconds. When it entered the catalogue. */
  readonly added = new Column(Float64Array)
  /** Milliseconds; `added` when the item does not say. */
  readonly published = new Column(Float64Array)
  /** Milliseconds; Infinity when it never expires. */
  readonly expires = new Column(Float64Array, { initial: Number.POSITIVE_INFINITY })
  /** Seconds; NaN when unknown. */
  readonly duration = new Column(Float32Array, { initial: Number.NaN })
  readonly price = new Column(Float32Array, { initial: Number.NaN })
  /** Pieces left; Infinity when unlimited. */
  readonly stock = new Column(Float32Array, { initial: Number.POSITIVE_INFINITY })
  readonly ageRating = new Column(Uint8Array)
  readonly flagBits = new Column(Uint32Array)
  /** Rows in `creators` and `languages`; -1 when unknown. */
  readonly creator = new Column(Int32Array, { initial: -1 })
  readonly language = new Column(Int32Array, { initial: -1 })
  /** 0 when nothing about the item itself may keep it from being shown, but the moment it is published. */
  readonly restricted = new Column(Uint8Array, { initial: 1 })
  /** Rows in `categories`, `tags`, `countries` per item. */
  readonly categoriesOf = new Lists()
  readonly tagsOf = new Lists()
  readonly onlyCountries = new Lists()
  readonly notCountries = new Lists()
  /** Items per creator row, in the order they came. */
  readonly itemsOf = new Lists()
  readonly attributes = new AttributeColumns()

  /** How often an item got another creator or other categories. */
  readonly reclassified = new Cell()

  private readonly documents = new Documents<Item>()
  private readonly live = new Cell()

  constructor(countries: IdTable) {
    this.countries = countries
  }

  /** Rows ever given out; rows are 0 to size - 1. */
  get size(): number {
    return this.ids.size
  }

  /** Items that are in the catalogue now (hidden ones included). */
  get count(): number {
    return this.live.value
  }

  has(row: number): boolean {
    return row >= 0 && row < this.size && this.alive.array[row] === 1
  }

  /** The record as it was put, or undefined. */
  document(row: number): Item | undefined {
    return this.has(row) ? this.documents.get(row) : undefined
  }

  /** The flags named, as bits to hold against `flagBits`. */
  bitsOf(flags: readonly string[]): number {
    return flags.reduce((bits, flag) => bits | (1 << Math.min(FLAG_BITS, this.flags.row(flag))), 0) >>> 0
  }

  put(item: Item, at: number): number {
    const row = this.ids.row(item.id)
    for (const name of COLUMNS) this[name].ensure(row)
    const known = this.alive.array[row] === 1
    if (!known) {
      this.live.value++
      this.added.array[row] = at
    }
    this.alive.array[row] = 1
    this.hidden.array[row] = item.hidden ? 1 : 0
    this.published.array[row] = item.published === undefined ? this.added.array[row] : timeOf(item.published)
    this.expires.array[row] = item.expires === undefined ? Number.POSITIVE_INFINITY : timeOf(item.expires)
    this.duration.array[row] = item.duration ?? Number.NaN
    this.price.array[row] = item.price ?? Number.NaN
    this.stock.array[row] = item.stock ?? Number.POSITIVE_INFINITY
    this.ageRating.array[row] = item.ageRating ?? 0
    this.flagBits.array[row] = this.bitsOf(item.flags ?? [])
    this.language.array[row] = item.language === undefined ? -1 : this.languages.row(item.language.toLowerCase())
    this.setCategories(
      row,
      (item.categories ?? []).map((name) => this.categories.row(name)),
    )
    this.tagsOf.assign(
      row,
      (item.tags ?? []).map((name) => this.tags.row(name.toLowerCase())),
    )
    this.onlyCountries.assign(
      row,
      (item.countries ?? []).map((name) => this.countries.row(name.toUpperCase())),
    )
    this.notCountries.assign(
      row,
      (item.notCountries ?? []).map((name) => this.countries.row(name.toUpperCase())),
    )
    this.restricted.array[row] = isRestricted(item) ? 1 : 0
    this.attributes.put(row, item.attributes ?? {})
    this.setCreator(row, item.creator === undefined ? -1 : this.creators.row(item.creator))
    this.documents.put(row, item)
    return row
  }

  /** Takes an item out; the row stays, so that history can still name it. Gives its row, or -1. */
  delete(id: string): number {
    const row = this.ids.find(id)
    if (!this.has(row)) return -1
    this.alive.array[row] = 0
    this.restricted.array[row] = 1
    this.live.value--
    this.documents.remove(row)
    this.setCreator(row, -1)
    return row
  }

  shelve(shelf: Shelf): void {
    for (const name of PARTS) shelf.part(name, this[name])
  }

  private setCategories(row: number, categories: readonly number[]): void {
    const before = this.categoriesOf.view(row)
    if (before.length === categories.length && categories.every((category, c) => category === before[c])) return
    this.reclassified.value++
    this.categoriesOf.assign(row, categories)
  }

  private setCreator(row: number, creator: number): void {
    const before = this.creator.array[row]
    if (before === creator) return
    this.reclassified.value++
    if (before >= 0) this.itemsOf.remove(before, row)
    if (creator >= 0) this.itemsOf.push(creator, row)
    this.creator.array[row] = creator
  }
}

function isRestricted(item: Item): boolean {
  const { hidden, expires, stock, ageRating, flags = [], countries = [], notCountries = [] } = item
  if (hidden || expires !== undefined || (ageRating ?? 0) > 0 || !((stock ?? 1) > 0)) return true
  return flags.length + countries.length + notCountries.length > 0
}
