import { expect, it } from 'vitest'
import { Kinds } from '../../../domain/index.ts'
import { State } from '../../../stream/catalog/index.ts'
import type { Entry } from '../../../stream/events/index.ts'
import { Histories } from '../../../stream/features/index.ts'
import type { Dataset } from '../../../stream/samples/index.ts'
import { consumptionFeed } from './feeds.ts'

const AT = Date.UTC(2026, 0, 1)
const put = (id: string): Entry => ({ type: 'item', item: { id }, at: AT })
let count = 0
const click = (user: string, item: string): Entry => {
  const at = AT + ++count * 1000
  return { type: 'event', event: { id: `e${count}`, kind: 'click', user, item, at, receivedAt: at } }
}

it('gives each consumption once, with the history before it; what is passed by is told, and nothing of who is gone', () => {
  const state = new State(new Kinds())
  const told: number[] = []
  const gone: number[] = []
  const feed = consumptionFeed(
    state,
    new Histories(),
    { history: 20 },
    {
      remember: (samples) => told.push(samples.requests),
      forgetUser: (user) => gone.push(user),
    },
  )
  for (const entry of [put('a'), put('b'), put('c'), click('u', 'a'), click('v', 'b')]) feed.pass(entry)
  for (const entry of [click('u', 'b'), click('u', 'b'), click('v', 'c')]) feed.take(entry)
  expect(told).toEqual([2])
  const first = feed.due(0) as Dataset
  const nameOf = (row: number) => state.items.ids.name(row)
  const said = (samples: Dataset) =>
    Array.from(samples, ({ items, history }) => [...items, ...history.items].map((row) => nameOf(row as number)))
  expect(said(first)).toEqual([
    ['b', 'a'],
    ['c', 'b'],
  ])
  expect(feed.due(0)).toBeUndefined()
  feed.take(click('u', 'c'))
  feed.take({ type: 'user', user: { id: 'u', optOut: true }, at: AT })
  expect(gone).toEqual([state.users.ids.find('u')])
  expect(feed.due(0)).toBeUndefined() // what came with it is left out with it
  feed.take(click('v', 'a'))
  expect(said(feed.due(0) as Dataset)).toEqual([['a', 'b', 'c']])
})
