import { describe, expect, it } from 'vitest'
import { completeConfig, type Event, type Item, Kinds, type User } from '../../domain/index.ts'
import { DAY, HOUR, MINUTE } from '../../foundation/base/index.ts'
import { State } from '../catalog/index.ts'
import { type FeatureAsk, Features } from './index.ts'

/** Six in the morning: the hour's sine is 1. */
const NOW = Date.UTC(2026, 0, 20, 6)
const OLD = NOW - 14 * DAY // one half-life of rates, two of popularity

const users: User[] = [
  { id: 'ada', country: 'AT', language: 'en', age: 20 },
  { id: 'bob', country: 'DE', age: 20 },
]
const items: Item[] = [
  {
    id: 'a',
    title: 'Alpha',
    creator: 'carl',
    categories: ['x', 'y'],
    language: 'en',
    duration: 99,
    published: NOW - 23 * HOUR,
    countries: ['AT'],
  },
  { id: 'b', creator: 'carl', categories: ['x'], tags: ['t'], language: 'de', price: 9, notCountries: ['AT'] },
  { id: 'c' },
]
type Short = [kind: string, user: string, item: string, at: number, more?: Partial<Event>]
const events: Short[] = [
  ['impression', 'ada', 'a', OLD],
  ['impression', 'bob', 'a', OLD],
  ['click', 'bob', 'a', OLD],
  ['impression', 'ada', 'b', NOW - 3 * MINUTE],
  ['impression', 'ada', 'b', NOW],
  ['click', 'ada', 'a', NOW],
  ['like', 'ada', 'a', NOW],
  ['watch', 'bob', 'a', NOW, { completion: 0.5 }],
  ['survey', 'bob', 'a', NOW, { value: 5 }],
  ['rating', 'bob', 'b', NOW, { value: 2 }],
  ['not-interested', 'bob', 'a', NOW],
]

let ids = 0
function folded(list: readonly Short[] = events): { state: State; features: Features } {
  const state = new State(new Kinds())
  const features = new Features(state, completeConfig().ranking)
  for (const user of users) state.apply({ type: 'user', user, at: OLD })
  for (const item of items) state.apply({ type: 'item', item, at: NOW - 23 * HOUR })
  for (const [kind, user, item, at, more] of list)
    state.apply({ type: 'event', event: { id: `e${ids++}`, kind, user, item, at, receivedAt: at, ...more } })
  return { state, features }
}

function askOf(state: State, user: number, at = NOW): FeatureAsk {
  const country = state.items.countries.find('AT')
  return { user, at, surface: 'home', device: 'Android phone', country, language: state.items.languages.find('en') }
}

function table(features: Features, ask: FeatureAsk, rows = [0, 1, 2]): Record<string, number>[] {
  const width = features.names.length
  const out = new Float32Array(rows.length * width)
  features.read(ask, Uint32Array.from(rows), out)
  return rows.map((_, i) => Object.fromEntries(features.names.map((name, d) => [name, out[i * width + d] as number])))
}

describe('Features', () => {
  it('gives for a small log the values worked out by hand', () => {
    const { state, features } = folded()
    const [a, b, c] = table(features, askOf(state, 0)) as [Record<string, number>, ...Record<string, number>[]]
    const log = Math.log1p
    const threeMinutes = 2 ** (-3 / (24 * 60)) // weight after three minutes at a half-life of a day
    // Weights: NOW 1; OLD 1/2 on the rates' scale, 1/4 on that of popularity. Priors: 0.05 x 50, 0.4 x 2.5.
    const expected: Record<string, [a: number, b: number, c: number]> = {
      'item.impressions.5m': [0, log(2), 0],
      'item.impressions.24h': [0, log(2), 0],
      'item.clicks.5m': [log(1), 0, 0],
      'item.clicks.1h': [log(1), 0, 0],
      // Impressions 2 x 1/2, clicks 1/2 + 1 = 1.5: more clicks than impressions count as as many trials.
      'item.ctr': [(2.5 + 1.5) / (50 + 1.5), 2.5 / (50 + 2), 0.05],
      'item.completion': [(0.4 * 2.5 + 0.5) / 3.5, 0.4, 0.4],
      // Consumed: click 1/2, click, like, watch, not-interested 1 each.
      'item.like': [(0.05 * 50 + 1) / 54.5, (0.05 * 50) / 51, 0.05],
      'item.share': [(0.01 * 50) / 54.5, (0.01 * 50) / 51, 0.01],
      'item.satisfaction': [1 / 6, 0, 0],
      'item.rating': [0, -0.5 / 6, 0],
      'item.negative': [(0.005 * 50 + 1) / 51, (0.005 * 50) / 52, 0.005],
      'item.age': [log(23), log(23), log(23)],
      // a: click 1 x 1/4, click 1, like 3, watch 2 x 0.55, survey 3. b: rating 2 x 0.75.
      'item.popularity': [log(0.25 + 1 + 3 + 1.1 + 3), log(1.5), 0],
      'item.rank': [2.5 / 3, 1.5 / 3, 0.5 / 3],
      'item.duration': [log(99), 0, 0],
      'item.duration.missing': [0, 1, 1],
      'item.price': [0, log(9), 0],
      'item.price.missing': [1, 0, 1],
      'item.missing': [1 / 5, 1 / 5, 1],
      'creator.ctr': [(2.5 + 1.5) / (50 + 3), (2.5 + 1.5) / (50 + 3), 0.05],
      'creator.popularity': [log(9.85), log(9.85), 0],
      'creator.consumed.5m': [log(4), log(4), 0],
      'category.ctr.max': [(2.5 + 1.5) / 51.5, (2.5 + 1.5) / 53, 0.05],
      'category.ctr.mean': [(4 / 53 + 4 / 51.5) / 2, 4 / 53, 0.05],
      'category.popularity.max': [log(9.85), log(9.85), 0],
      'category.popularity.mean': [(log(9.85) + log(8.35)) / 2, log(9.85), 0],
      'user.history': [log(1), log(1), log(1)],
      'user.consumed.5m': [log(1), log(1), log(1)],
      'session.length': [log(2), log(2), log(2)],
      'session.minutes': [0, 0, 0],
      'session.idle': [0, 0, 0],
      // Impressions 1/2 + 1 + (nearly) 1, clicks 1.
      'user.ctr': [3.5 / 52.5, 3.5 / 52.5, 3.5 / 52.5],
      // Ada's strength: click 1 and like 3, all about a.
      'affinity.category': [1, 1, 0],
      'affinity.category.mean': [1, 1, 0],
      'affinity.creator': [1, 1, 0],
      'fatigue.item': [0, 1 + threeMinutes, 0],
      // Ada alone is from AT; both are 18 to 24, and age 20 is Ada's band.
      'popularity.country': [log(4), 0, 0],
      'popularity.band': [log(8.35), log(1.5), 0],
      'match.language': [1, -1, 0],
      'match.country': [1, -1, 0],
      'context.surface': [0.25, 0.25, 0.25],
      'context.hour.sin': [1, 1, 1],
      'context.hour.cos': [0, 0, 0],
      'context.device.phone': [1, 1, 1],
      'context.device.computer': [0, 0, 0],
    }
    for (const [name, values] of Object.entries(expected)) {
      const found = [a[name], b?.[name], c?.[name]]
      values.forEach((value, i) => {
        // Three minutes are 0.01 % of the rates' half-life: the only rounding that the table leaves out.
        expect(found[i], `${name} of ${'abc'[i]}`).toBeCloseTo(value, 3)
      })
    }
  })

  it('says of an episode whether it is the next one for the viewer', () => {
    const state = new State(new Kinds())
    const features = new Features(state, completeConfig().ranking)
    const add = (item: Item) => state.apply({ type: 'item', item, at: OLD })
    for (const episode of [1, 2, 3, 4]) add({ id: `s${episode}`, attributes: { series: 'north', episode } })
    add({ id: 'other' })
    const clicked = (item: string) =>
      state.apply({ type: 'event', event: { id: item, kind: 'click', user: 'ada', item, at: NOW, receivedAt: NOW } })
    const read = (user: number) =>
      table(features, askOf(state, user), [0, 1, 2, 3, 4]).map((row) =>
        ['next', 'early', 'begun'].map((name) => row[`series.${name}`]),
      )
    const early = (skipped: number) => Math.fround(Math.log1p(skipped))
    clicked('other')
    // Nothing of it was consumed: the first episode is as any item, the others come too early.
    expect(read(0)).toEqual([
      [0, 0, 0],
      [0, early(1), 0],
      [0, early(2), 0],
      [0, early(3), 0],
      [0, 0, 0],
    ])
    clicked('s2')
    clicked('s1')
    expect(read(0)).toEqual([
      [0, 0, 1],
      [0, 0, 1],
      [1, 0, 1],
      [0, early(1), 1],
      [0, 0, 0],
    ])
    state.forget('ada')
    expect(read(0)).toEqual([
      [0, 0, 0],
      [0, early(1), 0],
      [0, early(2), 0],
      [0, early(3), 0],
      [0, 0, 0],
    ])
  })

  it('takes columns that are known from there, and reads the others', () => {
    const { state, features } = folded()
    const rows = Uint32Array.of(2, 0, 1)
    const some = features.select(['item.ctr', 'series', 'affinity.category'])
    const values = new Float32Array(rows.length * some.names.length)
    some.read(askOf(state, 0), rows, values)
    const [all, mixed] = [0, 1].map(() => new Float32Array(rows.length * features.names.length))
    features.read(askOf(state, 0), rows, all!)
    features.read(askOf(state, 0), rows, mixed!, { names: some.names, values })
    expect(mixed).toEqual(all)
    values.fill(7)
    features.read(askOf(state, 0), rows, mixed!, { names: some.names, values })
    const given = (name: string) => [0, 1, 2].map((i) => mixed![i * features.names.length + features.index(name)])
    for (const name of some.names) expect(given(name)).toEqual([7, 7, 7])
    expect(given('item.popularity')).toEqual(
      [0, 1, 2].map((i) => all![i * features.names.length + features.index('item.popularity')]),
    )
  })

  it('reads some features as it reads all of them', () => {
    const { state, features } = folded()
    const all = table(features, askOf(state, 0))
    const some = features.select(['item.ctr', 'fatigue.item', 'match'])
    expect(some.names).toEqual(['item.ctr', 'fatigue.item', 'match.language', 'match.country'])
    const out = new Float32Array(3 * 4)
    some.read(askOf(state, 0), Uint32Array.of(0, 1, 2), out)
    expect([...out]).toEqual(all.flatMap((row) => some.names.map((name) => row[name])))
    expect(() => features.select(['item.luck'])).toThrow('No feature is called "item.luck"')
  })

  it('gives a stranger neutral values for all that is about the user', () => {
    const { state, features } = folded()
    const [a] = table(features, { ...askOf(state, -1), country: -1, language: -1, device: '', surface: 'other' }, [0])
    for (const [name, value] of Object.entries(a ?? {})) {
      if (name === 'user.ctr') expect(value).toBeCloseTo(0.05, 6)
      else if (name === 'session.idle') expect(value).toBeCloseTo(Math.log1p((30 * DAY) / 1000), 4)
      else if (/^(user|session|affinity|fatigue|match|popularity|context.(surface|device))/.test(name))
        expect(value, name).toBe(0)
    }
  })

  it('ends a session after a gap, and counts the next one from its first action', () => {
    const { state, features } = folded([
      ['click', 'ada', 'a', NOW - 90 * MINUTE],
      ['click', 'ada', 'b', NOW - 10 * MINUTE],
      ['impression', 'ada', 'c', NOW - 9 * MINUTE],
      ['like', 'ada', 'b', NOW - 4 * MINUTE],
      ['click', 'ada', 'c', NOW - 5 * MINUTE], // late
    ])
    const at = (moment: number) => table(features, askOf(state, 0, moment), [0])[0] as Record<string, number>
    expect(at(NOW)['session.length']).toBeCloseTo(Math.log1p(3), 6)
    expect(at(NOW)['session.minutes']).toBeCloseTo(Math.log1p(6), 6)
    expect(at(NOW)['session.idle']).toBeCloseTo(Math.log1p(240), 6)
    expect(at(NOW + 27 * MINUTE)['session.length']).toBe(0)
  })

  it('resets fatigue by a click, also for a late impression from before it', () => {
    const { state, features } = folded([
      ['impression', 'ada', 'a', NOW - HOUR],
      ['click', 'ada', 'a', NOW - MINUTE],
      ['impression', 'ada', 'a', NOW - 2 * MINUTE],
    ])
    expect(table(features, askOf(state, 0), [0])[0]?.['fatigue.item']).toBe(0)
    expect(features.itemPopularity(0)).toBeCloseTo(1, 9)
    expect(features.itemPopularity(2)).toBe(0)
  })

  it('names each column once, refuses unknown ones and a buffer too small, and tells options apart by digest', () => {
    const { state, features } = folded([])
    expect(new Set(features.names).size).toBe(features.names.length)
    expect(features.names.map((name) => features.index(name))).toEqual(features.names.map((_, i) => i))
    expect(() => features.index('item.nothing')).toThrow(RangeError)
    expect(() => features.read(askOf(state, 0), Uint32Array.of(0), new Float32Array(3))).toThrow(RangeError)
    const digest = (priorCtr: number) =>
      new Features(new State(new Kinds()), completeConfig({ ranking: { priorCtr } }).ranking).digest
    expect(digest(0.05)).toBe(features.digest)
    expect(digest(0.06)).not.toBe(features.digest)
    for (const { say, dims } of features.definitions) expect(say.length > 20 && dims.length > 0).toBe(true)
  })
})
