import { describe, expect, it } from 'vitest'
import { DAY } from '../../foundation/base/index.ts'
import { defaultSurfaces } from '../../domain/index.ts'
import { sourceSuite } from './source.suite.ts'
import { sourceMakers } from './sources/index.ts'
import { queryOf, toyWorld, type ToyWorld, viewerOf } from './testing/toy-world.ts'

const known = (world: ToyWorld) => ({ viewer: viewerOf(world, 'user-1') })

sourceSuite('slim', known)
sourceSuite('covisit', known)
sourceSuite('following', (world) => ({ item: world.row('item-45') }))
sourceSuite('similar', (world) => ({ item: world.row('item-45') }))
sourceSuite('followed', known)
sourceSuite('interests', known)
sourceSuite('trending', () => ({}))
sourceSuite('popular', () => ({}))
sourceSuite('fresh', () => ({}))
sourceSuite('pins', () => ({}))
sourceSuite('lexical', () => ({ text: 'film genre1' }))
sourceSuite('resume', known)
sourceSuite('again', known)

describe('the sources', () => {
  const world = toyWorld()
  const ask = (name: keyof typeof sourceMakers, asked: Parameters<typeof queryOf>[1], limit = 10) => {
    const query = queryOf(world, asked)
    const list = world.sources[name].retrieve(query, limit, query.deadline)
    if (list instanceof Promise) throw new TypeError('answers later')
    return world.names(list.rows)
  }
  const genre = (name: string) => Number(name.slice(5)) % 4

  it('have the names that the surfaces use, but for trained models', () => {
    const models = ['sequence', 'two-tower']
    for (const { sources } of Object.values(defaultSurfaces))
      for (const name of Object.keys(sources))
        if (!models.includes(name)) expect(Object.keys(sourceMakers)).toContain(name)
  })

  it('find the planted genre of a viewer from what others consumed', () => {
    for (const name of ['slim', 'covisit'] as const) {
      const found = ask(name, known(world))
      expect(found.length).toBeGreaterThan(3)
      for (const item of found) expect(genre(item)).toBe(1)
    }
  })

  it('leave out what the viewer consumed', () => {
    const seen = world.names(world.histories.consumed.view(world.state.users.ids.find('user-1')))
    for (const name of ['slim', 'covisit'] as const)
      for (const item of ask(name, known(world))) expect(seen).not.toContain(item)
  })

  it('give what followed an item before what merely goes with it', () => {
    const [first] = ask('following', { item: world.row('item-45') })
    const next = Number(first?.slice(5))
    expect(genre(first as string)).toBe(1)
    expect(next).toBeGreaterThan(45)
    expect(next).toBeLessThan(45 + 4 * 8)
  })

  it('find what shares creator, tag and category', () => {
    // 45 is of genre 1, creator 5, tag 0: no other below 120 shares all three, so those of two come first
    for (const item of ask('similar', { item: world.row('item-45') }, 3)) {
      const i = Number(item.slice(5))
      const shared = [i % 4 === 1, i % 10 === 5, i % 9 === 0].filter(Boolean).length
      expect(shared).toBeGreaterThanOrEqual(2)
    }
  })

  it('see a rush as a trend, and a single event as none', () => {
    expect(ask('trending', {})).toEqual(['item-20'])
    const quiet = toyWorld()
    const event = { id: 'one', kind: 'purchase', item: 'item-0', at: quiet.now, receivedAt: quiet.now }
    quiet.state.apply({ type: 'event', event })
    const query = queryOf(quiet, {})
    expect(quiet.names(quiet.indexes.lists.trending(-1, query.at).rows)).not.toContain('item-0')
  })

  it('take pins in their order, where they hold', () => {
    expect(ask('pins', {})).toEqual(['item-7', 'item-3'])
    expect(ask('pins', { surface: 'search' })).toEqual(['item-7', 'item-3', 'item-9'])
  })

  it('resume what was begun, the latest first', () => {
    const user = world.state.users.ids.find('user-1')
    const begun: string[] = []
    for (let back = 0; back < world.histories.length(user); back++) {
      if (Math.abs(world.histories.completion(user, back) - 0.4) < 0.01)
        begun.push(world.state.items.ids.name(world.histories.item(user, back)))
    }
    expect(ask('resume', known(world), 50)).toEqual(begun)
  })

  it('offer again what was liked at least 30 days ago', () => {
    const user = world.state.users.ids.find('user-1')
    const loved = ask('again', known(world), 50)
    expect(loved.length).toBeGreaterThan(0)
    for (const item of loved) {
      const row = world.row(item)
      const back = Array.from({ length: world.histories.length(user) }, (_, i) => i).find(
        (i) => world.histories.item(user, i) === row,
      ) as number
      expect(world.now - world.histories.at(user, back)).toBeGreaterThanOrEqual(30 * DAY)
    }
  })

  it('follow creators and interests', () => {
    for (const item of ask('followed', known(world), 50)) expect(Number(item.slice(5)) % 10).toBe(1)
    const newcomer = { viewer: { ...viewerOf(world, 'user-1'), personal: false, historyLength: 0 } }
    for (const item of ask('interests', newcomer, 50)) expect(genre(item)).toBe(2) // chosen at sign-up
  })

  it('rank items of a country higher there', () => {
    const place = toyWorld()
    for (let n = 0; n < 400; n++) {
      const event = { id: `c${n}`, kind: 'like', item: 'item-50', country: 'JP', at: place.now, receivedAt: 0 }
      place.state.apply({ type: 'event', event })
    }
    for (let n = 0; n < 900; n++) {
      const event = { id: `d${n}`, kind: 'like', item: 'item-60', country: 'US', at: place.now, receivedAt: 0 }
      place.state.apply({ type: 'event', event })
    }
    const best = (country: string) => {
      const row = place.state.items.countries.find(country)
      return place.names(place.indexes.lists.popular(row, 0, place.now).rows)[0]
    }
    expect([best('JP'), best('US'), best('ZZ')]).toEqual(['item-50', 'item-60', 'item-60'])
  })
})
