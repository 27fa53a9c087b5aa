import { Column, Documents, IdTable, Lists, type Shelf, type Shelved } from '../../foundation/base/index.ts'
import type { User } from '../../domain/index.ts'
import type { Items } from './items.ts'

const PARTS = ['ids', 'optedOut', 'age', 'country', 'language', 'creator', 'follows', 'interests', 'documents'] as const

/** Users in columns: one row per user id ever seen, with or without a profile. */
export class Users implements Shelved {
  readonly ids = new IdTable()
  readonly optedOut = new Column(Uint8Array)
  /** Years; -1 when unknown. */
  readonly age = new Column(Int16Array, { initial: -1 })
  /** Rows in the catalogue's `countries`, `languages`, `creators`; -1 when unknown. `creator`: the user's own. */
  readonly country = new Column(Int32Array, { initial: -1 })
  readonly language = new Column(Int32Array, { initial: -1 })
  readonly creator = new Column(Int32Array, { initial: -1 })
  /** Creator rows followed by profile or event, category rows chosen. */
  readonly follows = new Lists(1000)
  readonly interests = new Lists(32)
  private readonly documents = new Documents<User>()
  private readonly items: Items

  constructor(items: Items) {
    this.items = items
  }

  get size(): number {
    return this.ids.size
  }

  /** The row of a user, made if new. */
  row(id: string): number {
    const row = this.ids.row(id)
    for (const column of [this.optedOut, this.age, this.country, this.language, this.creator]) column.ensure(row)
    return row
  }

  document(row: number): User | undefined {
    return this.documents.get(row)
  }

  put(user: User): number {
    const row = this.row(user.id)
    this.optedOut.array[row] = user.optOut ? 1 : 0
    this.age.array[row] = user.age ?? -1
    this.country.array[row] = user.country === undefined ? -1 : this.items.countries.row(user.country.toUpperCase())
    this.language.array[row] = user.language === undefined ? -1 : this.items.languages.row(user.language.toLowerCase())
    this.creator.array[row] = user.creator ? this.items.creators.row(user.id) : -1
    const optedOut = user.optOut === true
    this.follows.assign(row, optedOut ? [] : (user.follows ?? []).map((id) => this.items.creators.row(id)))
    this.interests.assign(row, optedOut ? [] : (user.interests ?? []).map((name) => this.items.categories.row(name)))
    this.documents.put(row, user)
    return row
  }

  follow(row: number, creator: number): void {
    if (!this.follows.includes(row, creator)) this.follows.push(row, creator)
  }

  shelve(shelf: Shelf): void {
    for (const name of PARTS) shelf.part(name, this[name])
  }

  /** Removes all about a user. The row is retired. */
  forget(row: number): void {
    const id = this.ids.name(row)
    const creator = this.creator.array[row]
    // A creator without items is known by this profile alone.
    if (creator >= 0 && this.items.itemsOf.length(creator) === 0) this.items.creators.forget(id)
    for (const column of [this.optedOut, this.age, this.country, this.language, this.creator]) column.clear(row)
    this.follows.clear(row)
    this.interests.clear(row)
    this.documents.remove(row)
    this.ids.forget(id)
  }
}
