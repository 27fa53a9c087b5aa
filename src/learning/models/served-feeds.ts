import { mix32 } from '../../foundation/base/index.ts'
import { sizeOf, type Values } from '../graph/index.ts'
import type { FeatureSpec } from './feature-spec.ts'
import { type FeedPort, RankingFeeds, type RankingTables } from './ranking-feeds.ts'
import type { EmbeddedName } from './ranking-inputs.ts'
import { emptyRows, type ItemFacts, type RankingRows } from './ranking-rows.ts'

/** Items whose vectors are kept: at 64 numbers each 16 MiB per model and input. */
const KEPT = 1 << 16
/** Items that are made in one go: the fewest of these that take all, or the most again and again. */
const MAKE = [16, 64, 256] as const

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
  private readonly rows = MAKE.map((size) => emptyRows(1, size, 0, 0))
  private revision: number

  /** `slots`: a power of two. */
  constructor(spec: FeatureSpec, tables: RankingTables, facts: ItemFacts, slots = KEPT) {
    this.spec = spec
    this.tables = tables
    this.facts = facts
    this.slots = slots
    this.revision = facts.revision?.() ?? 0
  }

  /** Writes the vectors of items [n x width] to the beginning of `out`; -1, padding, has zeros. */
  fill(name: EmbeddedName, items: Int32Array, out: Float32Array): void {
    const now = this.facts.revision?.() ?? 0
    if (now !== this.revision) this.forget()
    this.revision = now
    const kept = this.keptOf(name)
    const { pairs, keys, vectors } = kept
    const whole = pairsOf(out)
    const mask = this.slots - 1
    const missed: number[] = []
    for (let i = 0, to = 0; i < items.length; i++, to += pairs) {
      const item = items[i]
      const slot = mix32(item) & mask
      if (item >= 0 && keys[slot] === item + 1) copy(vectors, slot * pairs, whole, to, pairs)
      else if (item < 0) whole.fill(0, to, to + pairs)
      else missed.push(i)
    }
    for (let from = 0; from < missed.length; ) from += this.make(kept, missed, from, items, whole)
  }

  /** The tables have changed: all is made anew. */
  forget(): void {
    for (const { keys } of this.kept.values()) keys.fill(0)
  }

  /** Makes as many as fit from place `from` of those that were missed; gives how many. */
  private make(kept: Kept, missed: readonly number[], from: number, items: Int32Array, out: Float64Array): number {
    const { name, pairs, keys, vectors, feeds } = kept
    const fits = MAKE.findIndex((size) => size >= missed.length - from)
    const which = fits < 0 ? MAKE.length - 1 : fits
    const rows = this.rows[which]
    const { item } = rows
    const count = Math.min(item.length, missed.length - from)
    item.fill(-1)
    for (let m = 0; m < count; m++) item[m] = items[missed[from + m]]
    const made = pairsOf(feeds[which].fill(rows)[name] as Float32Array)
    for (let m = 0; m < count; m++) {
      const slot = mix32(item[m]) & (this.slots - 1)
      keys[slot] = item[m] + 1
      copy(made, m * pairs, vectors, slot * pairs, pairs)
      copy(made, m * pairs, out, missed[from + m] * pairs, pairs)
    }
    return count
  }

  private keptOf(name: EmbeddedName): Kept {
    const found = this.kept.get(name)
    if (found) return found
    const { spec, tables, facts, slots } = this
    const { width } = spec
    const feeds = MAKE.map((size) => {
      const port: FeedPort = { name, dtype: 'float32', shape: [1, size, width] }
      return new RankingFeeds({ ...spec, columns: [] }, [port], tables, facts)
    })
    const pairs = width / 2 // widths are multiples of 4
    const made = { name, pairs, keys: new Uint32Array(slots), vectors: new Float64Array(slots * pairs), feeds }
    this.kept.set(name, made)
    return made
  }
}

interface Kept {
  readonly name: EmbeddedName
  /** Half the width. */
  readonly pairs: number
  /** Item row + 1 by slot; 0 is empty. */
  readonly keys: Uint32Array
  /** [slots x pairs] */
  readonly vectors: Float64Array
  /** By size of `MAKE`. */
  readonly feeds: readonly RankingFeeds[]
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

  /**
   * The feeds of a request with as many candidates as the graph takes, or fewer: what stands behind those is left over.
   * Good until the next call.
   */
  fill(rows: RankingRows): Record<string, Values> {
    const feeds = this.others.fill(rows)
    for (const { name, of, values } of this.ports) {
      this.items.fill(of, name.startsWith('history') ? rows.historyItem : rows.item, values)
      feeds[name] = values
    }
    return feeds
  }
}

/**
 * The same memory in pairs of numbers: moved as one, they take half the steps. Only a number that is none would not come
 * over as it was.
 */
function pairsOf({ buffer, byteOffset, length }: Float32Array): Float64Array {
  return new Float64Array(buffer, byteOffset, length >> 1)
}

/** A loop: for so few numbers a call of `set` and its view cost more than they copy. */
function copy(from: Float64Array, at: number, to: Float64Array, place: number, pairs: number): void {
  for (let d = 0; d < pairs; d++) to[place + d] = from[at + d]
}
