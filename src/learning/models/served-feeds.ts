import { mix32 } from '../../foundation/base/index.ts'
import { sizeOf, type Values } from '../graph/index.ts'
import type { FeatureSpec } from './feature-spec.ts'
import { type FeedPort, RankingFeeds, type RankingTables } from './ranking-feeds.ts'
import type { EmbeddedName } from './ranking-inputs.ts'
import { emptyRows, type ItemFacts, type RankingRows } from './ranking-rows.ts'

/** Items whose vectors are kept: at 64 numbers each 16 MiB per model and input. */
const KEPT = 1 << 16
/** Items that are made in one go. */
const MAKE = 256

/** Inputs that depend on the item alone, and the candidate's input that gives the same vector. */
const ofItems: Partial<Record<string, EmbeddedName>> = {
  'history.item': 'candidate.item',
  'history.creator': 'candidate.creator',
  'history.category': 'candidate.category',
  'history.token': 'candidate.token',
  'candidate.item': 'candidate.item',
  'candidate.creator': 'candidate.creator',
  'candidate.category': 'candidate.category',
  'candidate.token': 'candidate.token',
}

/**
 * The vectors of items as one model reads them: the look-ups of item, creator and categories are done once per item, not
 * once per candidate. Kept in one slot per hash, the later item in place of the earlier.
 */
export class ItemVectors {
  private readonly spec: FeatureSpec
  private readonly tables: RankingTables
  private readonly facts: ItemFacts
  private readonly slots: number
  private readonly kept = new Map<EmbeddedName, Kept>()
  private readonly rows = emptyRows(1, MAKE, 0, 0)
  private revision: number

  /** `slots`: a power of two. */
  constructor(spec: FeatureSpec, tables: RankingTables, facts: ItemFacts, slots = KEPT) {
    this.spec = spec
    this.tables = tables
    this.facts = facts
    this.slots = slots
    this.revision = facts.revision?.() ?? 0
  }

  /** Writes the vectors of items [n x width]; -1, padding, has zeros. */
  fill(name: EmbeddedName, items: Int32Array, out: Float32Array): void {
    const now = this.facts.revision?.() ?? 0
    if (now !== this.revision) this.forget()
    this.revision = now
    const kept = this.keptOf(name)
    const { width, keys, vectors } = kept
    const missed: number[] = []
    for (let i = 0, to = 0; i < items.length; i++, to += width) {
      const item = items[i]
      const slot = mix32(item) & (this.slots - 1)
      if (item < 0) out.fill(0, to, to + width)
      else if (keys[slot] === item + 1) copy(vectors, slot * width, out, to, width)
      else missed.push(i)
    }
    for (let from = 0; from < missed.length; from += MAKE) this.make(kept, missed.slice(from, from + MAKE), items, out)
  }

  /** The tables have changed: all is made anew. */
  forget(): void {
    for (const { keys } of this.kept.values()) keys.fill(0)
  }

  private make(
    { name, width, keys, vectors, feeds }: Kept,
    places: number[],
    items: Int32Array,
    out: Float32Array,
  ): void {
    const { item } = this.rows
    item.fill(-1)
    for (let m = 0; m < places.length; m++) item[m] = items[places[m]]
    const made = feeds.fill(this.rows)[name] as Float32Array
    for (let m = 0; m < places.length; m++) {
      const slot = mix32(item[m]) & (this.slots - 1)
      keys[slot] = item[m] + 1
      copy(made, m * width, vectors, slot * width, width)
      copy(made, m * width, out, places[m] * width, width)
    }
  }

  private keptOf(name: EmbeddedName): Kept {
    const found = this.kept.get(name)
    if (found) return found
    const { spec, tables, facts, slots } = this
    const { width } = spec
    const port: FeedPort = { name, dtype: 'float32', shape: [1, MAKE, width] }
    const feeds = new RankingFeeds({ ...spec, columns: [] }, [port], tables, facts)
    const made = { name, width, keys: new Uint32Array(slots), vectors: new Float32Array(slots * width), feeds }
    this.kept.set(name, made)
    return made
  }
}

interface Kept {
  readonly name: EmbeddedName
  readonly width: number
  /** Item row + 1 by slot; 0 is empty. */
  readonly keys: Uint32Array
  readonly vectors: Float32Array
  readonly feeds: RankingFeeds
}

/** The feeds of a graph that serves: what depends on items alone is taken from what is kept of them. */
export class ServedFeeds {
  private readonly others: RankingFeeds
  private readonly items: ItemVectors
  private readonly ports: { readonly name: string; readonly of: EmbeddedName; readonly values: Float32Array }[]

  constructor(
    spec: FeatureSpec,
    ports: readonly FeedPort[],
    tables: RankingTables,
    facts: ItemFacts,
    items: ItemVectors,
  ) {
    this.items = items
    this.others = new RankingFeeds(
      spec,
      ports.filter(({ name }) => ofItems[name] === undefined),
      tables,
      facts,
    )
    this.ports = ports.flatMap(({ name, shape }) => {
      const of = ofItems[name]
      return of === undefined ? [] : [{ name, of, values: new Float32Array(sizeOf(shape)) }]
    })
  }

  /** The feeds of a request; good until the next call. */
  fill(rows: RankingRows): Record<string, Values> {
    const feeds = this.others.fill(rows)
    for (const { name, of, values } of this.ports) {
      this.items.fill(of, name.startsWith('history') ? rows.historyItem : rows.item, values)
      feeds[name] = values
    }
    return feeds
  }
}

/** A loop: for so few numbers a call of `set` and its view cost more than they copy. */
function copy(from: Float32Array, at: number, to: Float32Array, place: number, width: number): void {
  for (let d = 0; d < width; d++) to[place + d] = from[at + d]
}
