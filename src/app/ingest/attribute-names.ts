import type { Item } from '../../domain/index.ts'
import type { Items } from '../../stream/catalog/index.ts'

/** Holds the items of a catalogue to so many names of attributes: each is a column over all of them. */
export class AttributeNames {
  private readonly known: Items['attributes']
  private readonly most: number
  /** New names of items that were taken and are not in the state yet. */
  private readonly coming = new Set<string>()

  constructor(known: Items['attributes'], most: number) {
    this.known = known
    this.most = most
  }

  /** Why an item has a name too many; else its names count as taken. */
  fault({ attributes = {} }: Item): string | undefined {
    const fresh = Object.keys(attributes).filter((name) => !this.known.knows(name) && !this.coming.has(name))
    if (fresh.length === 0) return undefined
    for (const name of this.coming) if (this.known.knows(name)) this.coming.delete(name)
    const room = Math.max(0, this.most - this.known.count - this.coming.size)
    if (fresh.length > room) {
      return `/attributes/${fresh[room]} is a new name, and the items have ${this.most} names of attributes already: put what differs from item to item into values, or raise events.attributesMax`
    }
    for (const name of fresh) this.coming.add(name)
    return undefined
  }
}
