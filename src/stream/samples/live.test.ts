import { expect, test } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { createWorld } from '../../world/index.ts'
import type { Entry } from '../events/index.ts'
import { catalogue, event, ground, slate, START } from './testing/ground.ts'
import { type Dataset, LiveSamples, type RankingRequest, samplesOf } from './index.ts'

const options = { attributionMs: 90_000, returnMs: 0, surfaces: ['home', 'next'] }

/** A request without its number. */
const plain = ({ index: _, ...request }: RankingRequest) => request

test('makes of a world, in batches of any size, the samples that a replay makes', () => {
  const world = createWorld({ users: 60, items: 120, days: 3, events: 2000, seed: 'live samples' })
  const entries: Entry[] = []
  for (const made of world.entries()) {
    if (made.type !== 'event') entries.push(made)
    else entries.push({ type: 'event', event: { ...made.event, at: made.event.at as number, receivedAt: 0 } })
  }
  const { dataset } = samplesOf(() => entries, ground(), { ...options, keepOpen: true })
  const live = new LiveSamples(ground(), options)
  const random = new Random('batches')
  const parts: Dataset[] = []
  for (let from = 0; from < entries.length; ) {
    const to = from + 1 + random.int(200)
    for (const entry of entries.slice(from, to)) live.take(entry)
    const due = live.due()
    if (due) parts.push(due)
    from = to
  }
  const last = live.due(Number.POSITIVE_INFINITY)
  if (last) parts.push(last)
  const requests = parts.flatMap((part) => Array.from(part, plain))
  expect(requests).toHaveLength(dataset.requests)
  expect(requests).toEqual(Array.from(dataset, plain))
  expect(live.held).toBe(0)
})

test('a request waits until its window has passed, by the stream or by the clock', () => {
  const live = new LiveSamples(ground(), options)
  const entries = [
    ...catalogue(2, 4),
    ...slate('s', 'u0', 0, ['i0', 'i1']),
    event('click', 30, { user: 'u0', item: 'i1', slate: 's' }),
    event('click', 60, { user: 'u1', item: 'i2' }),
  ]
  for (const entry of entries) live.take(entry)
  expect(live.due()).toBeUndefined()
  expect(live.due(START + 90_000)).toBeUndefined()
  const due = live.due(START + 90_001) as Dataset
  expect(due.requests).toBe(1)
  expect([...due.request(0).labels.filter((_, i) => i % due.header.heads.length === 0)]).toEqual([0, 1])
  live.take(event('search', 200, { user: 'u1', query: 'x' }))
  expect(live.due()?.request(0)).toMatchObject({ origin: 'sampled', user: 1 })
})
