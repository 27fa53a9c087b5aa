import { describe, expect, it } from 'vitest'
import { type Event, Kinds } from '../../domain/index.ts'
import { type AppliedEvent, type Projection, State } from './index.ts'

/** Remembers what it was told. */
class Recorder implements Projection {
  readonly name = 'recorder'
  readonly events: AppliedEvent[] = []
  readonly items: [number, boolean][] = []
  readonly forgotten: number[] = []
  apply(event: AppliedEvent): void {
    this.events.push({ ...event })
  }
  itemChanged(row: number, alive: boolean): void {
    this.items.push([row, alive])
  }
  forget(user: number): void {
    this.forgotten.push(user)
  }
  shelve(): void {}
}

function stateWith() {
  const state = new State(new Kinds())
  const recorder = state.add(new Recorder())
  const event = (changes: Partial<Event>) =>
    state.apply({ type: 'event', event: { id: 'e', kind: 'click', at: 1000, receivedAt: 1000, ...changes } })
  return { state, recorder, event }
}

describe('State', () => {
  it('keeps an item as it was put, in columns and as a document', () => {
    const { state, recorder } = stateWith()
    const item = {
      id: 'v1',
      title: 'Ásgeir live',
      creator: 'c1',
      categories: ['jazz', 'live'],
      tags: ['Piano'],
      published: '2026-01-01T00:00:00Z',
      price: 2.5,
      attributes: { level: 3, mood: 'calm', free: true },
    }
    state.apply({ type: 'item', item, at: 50 })
    const { items } = state
    expect(items.document(0)).toEqual(item)
    expect(items.published.array[0]).toBe(Date.UTC(2026, 0, 1))
    expect(items.expires.array[0]).toBe(Number.POSITIVE_INFINITY)
    expect([...items.categoriesOf.view(0)].map((row) => items.categories.name(row))).toEqual(['jazz', 'live'])
    expect(items.tags.find('piano')).toBe(items.tagsOf.at(0, 0))
    expect([...items.itemsOf.view(items.creators.find('c1'))]).toEqual([0])
    expect(items.attributes.reader('level', 0)(0)).toBe(3)
    expect(items.attributes.reader('mood', '')(0)).toBe(items.attributes.encode('calm'))
    expect(items.attributes.reader('mood', 0)(0)).toBeNaN()
    expect(recorder.items).toEqual([[0, true]])
  })

  it('replaces an item wholly and takes it out on deletion, keeping its row', () => {
    const { state, recorder } = stateWith()
    state.apply({ type: 'item', item: { id: 'v1', creator: 'c1', price: 2, attributes: { level: 3 } }, at: 50 })
    state.apply({ type: 'item', item: { id: 'v1', creator: 'c2' }, at: 60 })
    const { items } = state
    expect(items.price.array[0]).toBeNaN()
    expect(items.attributes.has('level', 0)).toBe(false)
    expect(items.added.array[0]).toBe(50)
    expect([...items.itemsOf.view(items.creators.find('c1'))]).toEqual([])
    expect(items.count).toBe(1)
    state.apply({ type: 'item-deleted', id: 'v1', at: 70 })
    state.apply({ type: 'item-deleted', id: 'v1', at: 71 })
    expect(items.count).toBe(0)
    expect(items.has(0)).toBe(false)
    expect(items.document(0)).toBeUndefined()
    expect(recorder.items.at(-1)).toEqual([0, false])
    state.apply({ type: 'item', item: { id: 'v1' }, at: 80 })
    expect(items.ids.find('v1')).toBe(0)
    expect(items.count).toBe(1)
  })

  it('resolves an event: completion from seconds and duration, country from the user, creator from the item', () => {
    const { state, recorder, event } = stateWith()
    state.apply({ type: 'item', item: { id: 'v1', creator: 'c1', duration: 100 }, at: 0 })
    state.apply({ type: 'user', user: { id: 'u1', country: 'de', age: 30 }, at: 0 })
    event({ kind: 'watch', user: 'u1', item: 'v1', value: 25 })
    const [applied] = recorder.events
    expect(applied).toMatchObject({ user: 0, item: 0, completion: 0.25, consumes: true, band: 3 })
    expect(state.items.countries.name(applied?.country ?? -1)).toBe('DE')
    expect(state.items.creators.name(applied?.creator ?? -1)).toBe('c1')
    expect(applied?.strength).toBeCloseTo(2 * (0.1 + 0.9 * 0.25))
    event({ kind: 'click', item: 'nothing' })
    expect(recorder.events[1]).toMatchObject({ user: -1, item: -1 })
  })

  it('keeps no trace of a user who opted out, and counts the event for its item', () => {
    const { state, recorder, event } = stateWith()
    state.apply({ type: 'item', item: { id: 'v1', creator: 'c1' }, at: 0 })
    event({ user: 'u1', item: 'v1' })
    state.apply({ type: 'user', user: { id: 'u1', optOut: true, follows: ['c1'], interests: ['jazz'] }, at: 1 })
    expect(recorder.forgotten).toEqual([0])
    event({ user: 'u1', item: 'v1' })
    event({ kind: 'follow', user: 'u1', creator: 'c1' })
    expect(recorder.events.map((one) => one.user)).toEqual([0, -1, -1])
    expect(recorder.events[1]?.item).toBe(0)
    expect(state.users.follows.length(0)).toBe(0)
    expect(state.users.interests.length(0)).toBe(0)
  })

  it('forgets a user: profile, follows, id; the row is not given out again', () => {
    const { state, recorder, event } = stateWith()
    state.apply({ type: 'user', user: { id: 'u1', country: 'DE', follows: ['c1'] }, at: 1 })
    expect(state.forget('u1')).toBe(true)
    expect(state.forget('u1')).toBe(false)
    expect(recorder.forgotten).toEqual([0])
    expect(state.users.document(0)).toBeUndefined()
    expect(state.users.ids.find('u1')).toBe(-1)
    event({ user: 'u1' })
    expect(state.users.ids.find('u1')).toBe(1)
  })
})
