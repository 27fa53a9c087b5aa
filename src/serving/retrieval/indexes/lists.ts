import { Cell, grown, HOUR, type Shelf, TopK } from '../../../foundation/base/index.ts'
import type { Config } from '../../../domain/index.ts'
import type { AppliedEvent, Items, Projection } from '../../../stream/catalog/index.ts'
import { DecayScale } from '../../../stream/features/index.ts'
import type { Retrieved } from '../../pipeline/index.ts'
import { bandSegment, CATEGORIES_MAX, COUNTRIES_MAX, countrySegment, crossSegment, GLOBAL } from './segments.ts'
import { type Ground, MadeLists } from './made.ts'
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

/** What the wider segments say of the items that may be popular: the shares that narrower ones are shrunk towards. */
interface Wider {
  readonly rows: Uint32Array
  readonly shares: Float64Array
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
  private readonly long: TopSums
  private readonly short: TopSums
  private readonly standing: TopSums
  private readonly categories: TopSums
  private readonly made: MadeLists<string, Retrieved>
  private readonly wider: MadeLists<number, Wider> // by age band
  private marks = new Uint32Array(0) // by item: the list that last took it up
  private mark = 0
  private readonly version = new Cell()

  constructor(items: Items, config: Config['retrieval']) {
    this.items = items
    this.made = new MadeLists(config.listRefreshMs, CACHE_MAX + CATEGORIES_MAX)
    this.wider = new MadeLists(config.listRefreshMs, CACHE_MAX)
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
    this.wider.clear()
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
    const ground = this.groundOf(this.long, [GLOBAL, bandSegment(band), ...narrowOf(country, band)])
    return this.made.get(`p${country}:${band}`, at, ground, () => this.makePopular(country, band, at))
  }

  trending(country: number, at: number): Retrieved {
    const ground = this.groundOf(this.short, [GLOBAL, countrySegment(country)])
    return this.made.get(`t${country}`, at, ground, () => this.makeTrending(country, at))
  }

  /** Items of a category with most strength, best first. */
  ofCategory(category: number, at: number): Retrieved {
    return this.made.get(`c${category}`, at, this.groundOf(this.categories, [category]), () => {
      const top = new TopK(LIST_LENGTH)
      this.categories.each(category, (item) => {
        if (this.items.has(item)) top.offer(item, Math.fround(this.standingOf(item)))
      })
      return top.take()
    })
  }

  /** What a list of these segments rests on; a segment of -1 is none. */
  private groundOf(sums: TopSums, segments: readonly number[]): Ground {
    const factor = sums.scale.factorNow
    return {
      version: this.version.value,
      sums: Float64Array.from(segments, (segment) => (segment < 0 ? 0 : sums.totals.raw(segment) * factor)),
      blend: BLEND_STRENGTH,
    }
  }

  /** Lists of one age band differ by country alone: what is wider than the country is made once for all of them. */
  private makePopular(country: number, band: number, at: number): Retrieved {
    const ground = this.groundOf(this.long, [GLOBAL, bandSegment(band)])
    const wider = this.wider.get(band, at, ground, () => this.makeWider(band))
    const narrow = narrowOf(country, band).filter((segment) => segment >= 0)
    const more: number[] = []
    this.mark++
    for (const row of wider.rows) this.marks[row] = this.mark
    for (const segment of narrow) this.long.each(segment, (item) => this.take(item, more))
    const { length } = wider.rows
    const rows = new Uint32Array(length + more.length)
    rows.set(wider.rows)
    rows.set(more, length)
    const shares = new Float64Array(rows.length)
    shares.set(wider.shares)
    this.blendWide(rows, shares, length, band)
    for (const segment of narrow) this.shrink(segment, rows, shares, 0)
    const top = new TopK(LIST_LENGTH)
    for (let i = 0; i < rows.length; i++) top.offer(rows[i], Math.fround(shares[i]))
    return top.take()
  }

  private makeWider(band: number): Wider {
    const found: number[] = []
    this.mark++
    for (const segment of [GLOBAL, bandSegment(band)]) {
      if (segment >= 0) this.long.each(segment, (item) => this.take(item, found))
    }
    this.standing.each(GLOBAL, (item) => this.take(item, found))
    const rows = Uint32Array.from(found)
    const shares = new Float64Array(rows.length)
    this.blendWide(rows, shares, 0, band)
    return { rows, shares }
  }

  /** Takes up an item that is there, and was not taken up under this mark. */
  private take(item: number, into: number[]): void {
    if (item >= this.marks.length)
      this.marks = grown(this.marks, Math.max(item + 1, this.items.size, 2 * this.marks.length))
    if (this.marks[item] === this.mark || !this.items.has(item)) return
    this.marks[item] = this.mark
    into.push(item)
  }

  /** Shares from place `from` on, as everybody in the long run, everybody of late and the age band have it. */
  private blendWide(rows: Uint32Array, shares: Float64Array, from: number, band: number): void {
    const all = this.standing.totals.raw(GLOBAL)
    for (let i = from; i < rows.length; i++) shares[i] = all > 0 ? this.standing.raw(GLOBAL, rows[i]) / all : 0
    for (const segment of [GLOBAL, bandSegment(band)]) if (segment >= 0) this.shrink(segment, rows, shares, from)
  }

  /** Puts the shares of a segment in place of those of the wider one, shrunk towards them. */
  private shrink(segment: number, rows: Uint32Array, shares: Float64Array, from: number): void {
    const { long } = this
    const factor = long.scale.factorNow
    const blend = segment === GLOBAL ? STANDING_STRENGTH : BLEND_STRENGTH
    const weight = long.totals.raw(segment) * factor + blend
    for (let i = from; i < rows.length; i++) {
      shares[i] = (long.raw(segment, rows[i]) * factor + blend * shares[i]) / weight
    }
  }

  private makeTrending(country: number, at: number): Retrieved {
    const home = countrySegment(country)
    const found: number[] = []
    this.mark++
    this.short.each(GLOBAL, (item) => this.take(item, found))
    if (home >= 0) this.short.each(home, (item) => this.take(item, found))
    const [short, long] = [this.short.scale.factor(at), this.long.scale.factor(at)]
    const top = new TopK(LIST_LENGTH)
    for (const item of found) {
      const everywhere = this.deviation(GLOBAL, item, short, long)
      const here = home >= 0 ? this.deviation(home, item, short, long) : 0
      if (everywhere > TREND_LEAST || here > TREND_LEAST) top.offer(item, Math.fround(everywhere + here))
    }
    return top.take()
  }

  /** `shortFactor`, `longFactor`: those of the two scales at the moment of the list. */
  private deviation(segment: number, item: number, shortFactor: number, longFactor: number): number {
    const { short, long } = this
    const mass = short.raw(segment, item) * shortFactor
    // A steady rate r gives a sum of r x halfLife / ln 2: sums of one item compare as the half-lives do.
    const expected = (long.raw(segment, item) * longFactor * short.scale.halfLife) / long.scale.halfLife
    return (mass - expected) / Math.sqrt(expected + TREND_SMOOTHING)
  }
}

/** What is narrower than everybody and an age band; -1 for none. */
function narrowOf(country: number, band: number): number[] {
  return [countrySegment(country), crossSegment(country, band)]
}
