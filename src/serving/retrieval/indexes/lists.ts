import { Cell, HOUR, type Shelf, TopK } from '../../../foundation/base/index.ts'
import type { Config } from '../../../domain/index.ts'
import type { AppliedEvent, Items, Projection } from '../../../stream/catalog/index.ts'
import { DecayScale } from '../../../stream/features/index.ts'
import type { Retrieved } from '../../pipeline/index.ts'
import { bandSegment, CATEGORIES_MAX, COUNTRIES_MAX, countrySegment, crossSegment, GLOBAL } from './segments.ts'
import { TopSums } from './top-sums.ts'

/** Items of one list. */
export const LIST_LENGTH = 1000
/** (segment, item) pairs held per half-life: about 40 bytes each. */
const PAIRS_MAX = 2_000_000
/** Strength at which a segment's own shares weigh as much as those of the wider one. */
const BLEND_STRENGTH = 200
/** Strength at which the present share of an item weighs as much as its standing one: few events do not reorder. */
const STANDING_STRENGTH = 5000
/** The standing half-life is this many times the popular one: what is left when nothing happened of late. */
const STANDING_TIMES = 52
/** Strength added to the expected one, so that a few events do not make a trend. */
const TREND_SMOOTHING = 25
/** Deviations above the expected strength that make a trend: more than one event of any kind can give. */
const TREND_LEAST = 2
/** Lists kept for viewers: one per country and age band. */
const CACHE_MAX = (COUNTRIES_MAX + 1) * 6

interface MadeList {
  readonly list: Retrieved
  readonly at: number
  readonly version: number
}

/**
 * Popular and trending items by forward decay, for everybody, per country, age band, both, and per category. Only
 * what viewers did with positive strength counts: an impression has strength 0, so showing does not make popular.
 *
 * popular: the share of the narrowest segment's strength, shrunk towards the wider ones in turn (country and band,
 * country, band, everybody, and everybody in the long run): p = (mass + B p_wider) / (total + B).
 * trending: z = (short - expected) / sqrt(expected + 25), where `expected` is the long sum scaled to the short
 * half-life; listed when z > 2; the z of the viewer's country is added.
 */
export class PopularLists implements Projection {
  readonly name = 'lists'
  private readonly items: Items
  private readonly config: Config['retrieval']
  private readonly long: TopSums
  private readonly short: TopSums
  private readonly standing: TopSums
  private readonly categories: TopSums
  private readonly made = new Map<string, MadeList>()
  private readonly version = new Cell()

  constructor(items: Items, config: Config['retrieval']) {
    this.items = items
    this.config = config
    const options = { depth: LIST_LENGTH, pairsMax: PAIRS_MAX }
    const halfLife = config.popularHalfLifeHours * HOUR
    this.long = new TopSums(new DecayScale(halfLife), options)
    this.short = new TopSums(new DecayScale(config.trendingHalfLifeHours * HOUR), options)
    this.standing = new TopSums(new DecayScale(halfLife * STANDING_TIMES), options)
    this.categories = new TopSums(new DecayScale(halfLife * STANDING_TIMES), { ...options, depth: 250 })
  }

  apply(event: AppliedEvent): void {
    const { item, at, strength, country, band } = event
    if (item < 0 || !(strength > 0)) return
    this.version.value++
    for (const segment of [GLOBAL, bandSegment(band), countrySegment(country), crossSegment(country, band)]) {
      if (segment >= 0) this.long.add(segment, item, at, strength)
    }
    this.short.add(GLOBAL, item, at, strength)
    const home = countrySegment(country)
    if (home >= 0) this.short.add(home, item, at, strength)
    this.standing.add(GLOBAL, item, at, strength)
    for (const category of this.items.categoriesOf.view(item)) {
      if (category < CATEGORIES_MAX) this.categories.add(category, item, at, strength)
    }
  }

  itemChanged(): void {
    this.version.value++
  }

  /** Nothing here tells who did it. */
  forget(): void {}

  shelve(shelf: Shelf): void {
    for (const name of ['long', 'short', 'standing', 'categories', 'version'] as const) shelf.part(name, this[name])
    this.made.clear()
  }

  /** Strength of an item among everybody, decayed by the popular half-life to `at`. */
  popularity(row: number, at: number): number {
    return this.long.raw(GLOBAL, row) * this.long.scale.factor(at)
  }

  /** Strength of an item decayed by the standing half-life: comparable between items. */
  standingOf(row: number): number {
    return this.standing.raw(GLOBAL, row) * this.standing.scale.factorNow
  }

  popular(country: number, band: number, at: number): Retrieved {
    return this.fresh(`p${country}:${band}`, at, () => this.makePopular(country, band))
  }

  trending(country: number, at: number): Retrieved {
    return this.fresh(`t${country}`, at, () => this.makeTrending(country, at))
  }

  /** Items of a category with most strength, best first. */
  ofCategory(category: number, at: number): Retrieved {
    return this.fresh(`c${category}`, at, () => {
      const top = new TopK(LIST_LENGTH)
      this.categories.each(category, (item) => {
        if (this.items.has(item)) top.offer(item, Math.fround(this.standingOf(item)))
      })
      return top.take()
    })
  }

  /** A list made before, unless something changed since and it is older than `listRefreshMs` of request time. */
  private fresh(key: string, at: number, make: () => Retrieved): Retrieved {
    const held = this.made.get(key)
    if (held && (held.version === this.version.value || Math.abs(at - held.at) < this.config.listRefreshMs))
      return held.list
    if (this.made.size >= CACHE_MAX + CATEGORIES_MAX) this.made.clear()
    const list = make()
    this.made.set(key, { list, at, version: this.version.value })
    return list
  }

  private makePopular(country: number, band: number): Retrieved {
    const { long, standing } = this
    const segments = [GLOBAL, bandSegment(band), countrySegment(country), crossSegment(country, band)].filter(
      (segment) => segment >= 0,
    )
    const factor = long.scale.factorNow
    const all = standing.totals.raw(GLOBAL)
    const share = (item: number) => {
      let wider = all > 0 ? standing.raw(GLOBAL, item) / all : 0
      for (const segment of segments) {
        const blend = segment === GLOBAL ? STANDING_STRENGTH : BLEND_STRENGTH
        wider = (long.raw(segment, item) * factor + blend * wider) / (long.totals.raw(segment) * factor + blend)
      }
      return wider
    }
    const top = new TopK(LIST_LENGTH)
    const offered = new Set<number>()
    const offer = (item: number) => {
      if (offered.has(item) || !this.items.has(item)) return
      offered.add(item)
      top.offer(item, Math.fround(share(item)))
    }
    for (const segment of segments) long.each(segment, offer)
    standing.each(GLOBAL, offer)
    return top.take()
  }

  private makeTrending(country: number, at: number): Retrieved {
    const segments = [GLOBAL, countrySegment(country)].filter((segment) => segment >= 0)
    const top = new TopK(LIST_LENGTH)
    const offered = new Set<number>()
    for (const segment of segments) {
      this.short.each(segment, (item) => {
        if (offered.has(item) || !this.items.has(item)) return
        offered.add(item)
        const z = segments.map((one) => this.deviation(one, item, at))
        const sum = z.reduce((all, one) => all + one, 0)
        if (Math.max(...z) > TREND_LEAST) top.offer(item, Math.fround(sum))
      })
    }
    return top.take()
  }

  private deviation(segment: number, item: number, at: number): number {
    const { short, long } = this
    const mass = short.raw(segment, item) * short.scale.factor(at)
    // A steady rate r gives a sum of r x halfLife / ln 2: sums of one item compare as the half-lives do.
    const expected = (long.raw(segment, item) * long.scale.factor(at) * short.scale.halfLife) / long.scale.halfLife
    return (mass - expected) / Math.sqrt(expected + TREND_SMOOTHING)
  }
}
