import { DAY, Random } from '../foundation/base/index.ts'
import { type Creators, creatorAt, HOME_TOPICS, STYLES } from './creators.ts'
import type { WorldSizes } from './options.ts'
import { regionLanguage, regions, TOPICS } from './topics.ts'

/** Share of the catalogue that is published before the history starts. */
const BEFORE_START = 0.7
/** Oldest item at the start, in days. */
const OLDEST_DAYS = 240
/** Items beyond the end, as a share: they come out in the UPCOMING_DAYS after it, for live users and forecasts. */
const UPCOMING_SHARE = 0.05
export const UPCOMING_DAYS = 28

export const SENSITIVE = 1
export const BLOCKED = 2

/** The planted truth of the catalogue. Rows are in order of publication: what is out at a moment is a prefix. */
export interface ItemTruth {
  /** Published before the end; rows from `count` to `all` - 1 come out after it. */
  readonly count: number
  readonly all: number
  readonly creator: Uint32Array
  /** Main and second topic, and the share of the main one (1 when there is no second). */
  readonly topic: Uint8Array
  readonly second: Uint8Array
  readonly share: Float32Array
  /** 0 to 1. */
  readonly quality: Float32Array
  readonly clickbait: Float32Array
  /** [all x STYLES] */
  readonly styles: Float32Array
  /** Seconds. */
  readonly duration: Float32Array
  /** Milliseconds. */
  readonly published: Float64Array
  /** Milliseconds; Infinity for most. */
  readonly expires: Float64Array
  readonly language: Uint8Array
  readonly ageRating: Uint8Array
  /** Region number that alone may see it, or -1. */
  readonly onlyRegion: Int8Array
  readonly flag: Uint8Array
  /** Row of the item that must be watched before, or -1; series number or -1; place in it from 1. */
  readonly previous: Int32Array
  readonly series: Int32Array
  readonly episode: Uint16Array
  /** 1 for lessons, where the order matters more. */
  readonly lesson: Uint8Array
  /** Rows per topic, ascending. */
  readonly byTopic: readonly Uint32Array[]
}

export function makeItems(sizes: WorldSizes, creators: Creators): ItemTruth {
  const { seed, items: count } = sizes
  const all = count + Math.ceil(count * UPCOMING_SHARE)
  const made = {
    count,
    all,
    creator: new Uint32Array(all),
    topic: new Uint8Array(all),
    second: new Uint8Array(all),
    share: new Float32Array(all),
    quality: new Float32Array(all),
    clickbait: new Float32Array(all),
    styles: new Float32Array(all * STYLES),
    duration: new Float32Array(all),
    published: publications(sizes, all),
    expires: new Float64Array(all).fill(Number.POSITIVE_INFINITY),
    language: new Uint8Array(all),
    ageRating: new Uint8Array(all),
    onlyRegion: new Int8Array(all).fill(-1),
    flag: new Uint8Array(all),
    previous: new Int32Array(all).fill(-1),
    series: new Int32Array(all).fill(-1),
    episode: new Uint16Array(all),
    lesson: new Uint8Array(all),
    byTopic: [] as Uint32Array[],
  }
  const random = new Random(`${seed}/items`)
  for (let row = 0; row < all; row++) {
    const creator = creatorAt(creators, random.next())
    made.creator[row] = creator
    made.topic[row] = creators.topics[creator * HOME_TOPICS + random.int(creators.homes[creator])]
    made.second[row] = random.int(TOPICS)
    made.share[row] = random.chance(0.5) ? 1 : random.between(0.6, 0.9)
    made.quality[row] = clamp(0.6 * creators.quality[creator] + 0.4 * random.beta(2.5, 2))
    made.clickbait[row] = clamp(0.5 * creators.clickbait[creator] + 0.5 * random.beta(1, 3))
    for (let d = 0; d < STYLES; d++)
      made.styles[row * STYLES + d] = 0.8 * creators.styles[creator * STYLES + d] + 0.6 * random.normal()
    made.duration[row] = Math.round(Math.min(5400, Math.max(15, Math.exp(random.normal(5.8, 0.9)))))
    made.language[row] = regionLanguage[creators.region[creator]]
    limit(made, row, creators, random)
  }
  thread(made, seed)
  made.byTopic.push(...rowsByTopic(made.topic))
  return made
}

function rowsByTopic(topics: Uint8Array): Uint32Array[] {
  const counts = new Uint32Array(TOPICS)
  for (const topic of topics) counts[topic]++
  const rows = [...counts].map((count) => new Uint32Array(count))
  counts.fill(0)
  for (let row = 0; row < topics.length; row++) rows[topics[row]][counts[topics[row]]++] = row
  return rows
}

/** How many items are out at a moment: rows below it are published. */
export function outAt(items: ItemTruth, at: number): number {
  return countBelow(items.published, at)
}

/** Values of an ascending array that are not above `limit`. */
export function countBelow(ascending: ArrayLike<number>, limit: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle] <= limit) low = middle + 1
    else high = middle
  }
  return low
}

function publications({ seed, start, end, items: count }: WorldSizes, all: number): Float64Array {
  const random = new Random(`${seed}/publications`)
  const before = Math.round(count * BEFORE_START)
  const published = new Float64Array(all)
  for (let row = 0; row < all; row++) {
    if (row < before) published[row] = Math.floor(start - OLDEST_DAYS * DAY * random.next() ** 1.5 - 1)
    else if (row < count) published[row] = Math.floor(random.between(start, end))
    else published[row] = Math.floor(random.between(end + 1, end + UPCOMING_DAYS * DAY))
  }
  return published.sort()
}

/** The few items that are rated, flagged, limited to a country, or expire. */
function limit(items: ItemTruth, row: number, creators: Creators, random: Random): void {
  const lot = random.next()
  if (lot < 0.02) items.ageRating[row] = 18
  else if (lot < 0.04) items.ageRating[row] = 16
  else if (lot < 0.06) items.onlyRegion[row] = creators.region[items.creator[row]]
  else if (lot < 0.065) items.flag[row] = BLOCKED
  else if (lot < 0.08) items.flag[row] = SENSITIVE
  else if (lot < 0.1) items.expires[row] = items.published[row] + Math.floor(random.between(20, 120)) * DAY
}

/** Strings items of one creator into series: each next episode comes out after the one before. */
function thread(items: ItemTruth & { previous: Int32Array }, seed: string | number): void {
  const random = new Random(`${seed}/series`)
  const open = new Map<number, { series: number; last: number; left: number }>()
  let count = 0
  for (let row = 0; row < items.all; row++) {
    const creator = items.creator[row]
    const run = open.get(creator)
    if (run && random.chance(0.4)) {
      follow(items, row, run.last)
      run.last = row
      if (--run.left === 0) open.delete(creator)
    } else if (!run && random.chance(0.1)) {
      items.series[row] = count
      items.episode[row] = 1
      items.lesson[row] = random.chance(0.4) ? 1 : 0
      open.set(creator, { series: count++, last: row, left: 2 + random.int(7) })
    }
  }
}

function follow(items: ItemTruth, row: number, before: number): void {
  items.previous[row] = before
  items.series[row] = items.series[before]
  items.episode[row] = items.episode[before] + 1
  items.lesson[row] = items.lesson[before]
  items.topic[row] = items.topic[before]
  items.second[row] = items.second[before]
  items.share[row] = items.share[before]
  items.language[row] = items.language[before]
  for (const column of [items.ageRating, items.flag]) column[row] = column[before]
  items.onlyRegion[row] = items.onlyRegion[before]
  items.expires[row] = Number.POSITIVE_INFINITY
  items.quality[row] = clamp(0.8 * items.quality[before] + 0.2 * items.quality[row])
  for (let d = 0; d < STYLES; d++)
    items.styles[row * STYLES + d] = 0.9 * items.styles[before * STYLES + d] + 0.1 * items.styles[row * STYLES + d]
}

export function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}

/** May a user of this region and age see the item at this moment? What a lawful platform checks. */
export function allowed(items: ItemTruth, row: number, region: number, age: number, at: number): boolean {
  if (items.flag[row] === BLOCKED || items.ageRating[row] > age || items.expires[row] <= at) return false
  return items.onlyRegion[row] < 0 || regions[items.onlyRegion[row]].country === regions[region].country
}
