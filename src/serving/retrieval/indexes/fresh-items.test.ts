import { describe, expect, it } from 'vitest'
import { DAY } from '../../../foundation/base/index.ts'
import { type Event, Kinds } from '../../../domain/index.ts'
import { State } from '../../../stream/catalog/index.ts'
import { FreshItems, NEWEST_MAX } from './fresh-items.ts'

const NOW = Date.UTC(2026, 0, 31)

function world() {
  const state = new State(new Kinds())
  const fresh = state.add(new FreshItems(state.items, state.kinds, { freshDays: 7, freshImpressions: 10 }))
  const put = (id: string, published?: number, at = NOW) =>
    state.apply({ type: 'item', item: published === undefined ? { id } : { id, published }, at })
  let id = 0
  const event = (item: string, at: number, changes: Partial<Event> = {}) =>
    state.apply({ type: 'event', event: { id: `e${id++}`, kind: 'click', item, at, receivedAt: at, ...changes } })
  const isFresh = (item: string, at = NOW) => fresh.isFresh(state.items.ids.find(item), at)
  const window = (at = NOW) => Array.from(fresh.window(at), (row) => state.items.ids.name(row))
  return { state, fresh, put, event, isFresh, window }
}

describe('FreshItems', () => {
  it('counts from publication, and from arrival where there is none', () => {
    const { put, isFresh, window } = world()
    put('new', NOW - DAY)
    put('old', NOW - 8 * DAY)
    put('bare')
    put('future', NOW + DAY)
    expect(['new', 'old', 'bare', 'future'].map((id) => isFresh(id))).toEqual([true, false, true, false])
    expect(window()).toEqual(['new', 'bare'])
    expect(isFresh('bare', NOW + 7 * DAY)).toBe(false)
    expect(isFresh('future', NOW + DAY)).toBe(true)
  })

  it('does not take a catalogue imported with its past for new', () => {
    const { put, event, isFresh, window } = world()
    for (const id of ['a', 'b', 'c']) put(id)
    event('a', NOW - 900 * DAY)
    event('b', NOW - 2 * DAY)
    expect(['a', 'b', 'c'].map((id) => isFresh(id))).toEqual([false, true, true])
    expect(window()).toEqual(['b', 'c'])
  })

  it('ends with enough impressions, or consumptions where none are reported', () => {
    const { put, event, isFresh } = world()
    for (const id of ['a', 'b', 'c']) put(id)
    for (let n = 0; n < 9; n++) event('a', NOW, { kind: 'impression' })
    for (let n = 0; n < 9; n++) event('a', NOW)
    expect(isFresh('a')).toBe(true)
    event('a', NOW, { kind: 'impression' })
    for (let n = 0; n < 10; n++) event('b', NOW)
    expect([isFresh('a'), isFresh('b'), isFresh('c')]).toEqual([false, false, true])
  })

  it('forgets the deleted and follows a changed date', () => {
    const { put, state, isFresh, window } = world()
    put('a', NOW - DAY)
    put('b', NOW - 2 * DAY)
    state.apply({ type: 'item-deleted', id: 'a', at: NOW })
    put('b', NOW - 30 * DAY)
    expect([isFresh('a'), isFresh('b'), window()]).toEqual([false, false, []])
    put('b', NOW - DAY)
    expect([isFresh('b'), window()]).toEqual([true, ['b']])
  })

  it('keeps the newest when there are more than it holds', () => {
    const { put, window } = world()
    for (let i = 0; i < NEWEST_MAX + 50; i++) put(`i${i}`, NOW - DAY + ((i * 7919) % (NEWEST_MAX + 50)))
    const held = window()
    expect(held.length).toBe(NEWEST_MAX)
    expect(held).not.toContain('i0')
    expect(held.at(-1)).toBe(
      `i${Array.from({ length: NEWEST_MAX + 50 }, (_, i) => i).find((i) => (i * 7919) % (NEWEST_MAX + 50) === NEWEST_MAX + 49)}`,
    )
  })
})
