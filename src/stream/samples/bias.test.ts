import { describe, expect, it } from 'vitest'
import { createWorld, drawnByLot, examination } from '../../world/index.ts'
import type { Entry } from '../events/index.ts'
import { catalogue, event, ground, slate } from './testing/ground.ts'
import { batchesOf, fitPowerLaw, positionCounts, powerLaw, samplesOf, weighted } from './index.ts'

describe('position bias', () => {
  it('by the power law: exact counts give the exponent, too few give none', () => {
    const impressions = Float64Array.from({ length: 10 }, (_, k) => 10_000 - 800 * k)
    const clicks = impressions.map((n, k) => n * 0.3 * (1 + k) ** -0.85)
    expect(fitPowerLaw({ impressions, clicks })!.eta).toBeCloseTo(0.85, 8)
    expect(fitPowerLaw({ impressions, clicks: impressions.map((_, k) => (k === 0 ? 5 : 0)) })).toBeNull()
    expect([...powerLaw(1, 3)]).toEqual([1, 1 / 2, 1 / 3])
  })

  it('finds the exponent planted in a world from its slates by lot', () => {
    const world = createWorld({ users: 600, items: 400, days: 28, events: 60_000 })
    const entries: Entry[] = [
      ...[...world.items()].map((item): Entry => ({ type: 'item', item, at: world.start })),
      ...[...world.history()].map((one): Entry => {
        const at = Number(one.at)
        return { type: 'event', event: { ...one, at, receivedAt: at } }
      }),
    ]
    const { state, features } = ground()
    const { dataset } = samplesOf(
      () => entries,
      { state, features },
      {
        surfaces: ['home'],
        randomised: drawnByLot,
      },
    )
    const planted = -Math.log(examination('home', 1)) / Math.log(2)
    const { eta, error } = fitPowerLaw(positionCounts(dataset, { surface: 1 }))!
    expect(error).toBeLessThan(0.15)
    expect(Math.abs(eta - planted)).toBeLessThan(3 * error)
    // Where the best came first, position and quality are one.
    expect(positionCounts(dataset, { origin: 'logged' }).impressions[0]).toBeGreaterThan(0)
  })
})

it('takes a slate for one by lot where the served log says that every item was explored', () => {
  const explored: Record<string, readonly boolean[]> = { a: [true, true], b: [true, false], c: [] }
  const entries = [
    ...catalogue(2, 4),
    ...slate('a', 'u0', 0, ['i0', 'i1']),
    ...slate('b', 'u0', 5000, ['i2']), // its second item, which was ranked, was not seen
    ...slate('c', 'u1', 6000, ['i0']),
    ...slate('d', 'u1', 7000, ['i1']),
  ]
  const items = ['i0', 'i1']
  const { dataset } = samplesOf(() => entries, ground(), {
    keepOpen: true,
    served: (name) => {
      const lots = explored[name]
      return lots && { items: lots.map((by, i) => ({ item: items[i]!, propensity: 0.5, explored: by })), runnersUp: [] }
    },
  })
  const origins = Array.from({ length: dataset.requests }, (_, n) => dataset.request(n).origin)
  expect(origins).toEqual(['randomised', 'logged', 'logged', 'logged'])
})

describe('weights', () => {
  const entries = [
    ...catalogue(2, 4),
    ...slate('a', 'u0', 0, ['i0', 'i1']),
    event('watch', 30, { user: 'u0', item: 'i1', slate: 'a', completion: 0.5 }),
    ...slate('b', 'u0', 5000, ['i2', 'i3']),
    ...slate('c', 'u1', 6000, ['i0']),
  ]
  const { dataset } = samplesOf(() => entries, ground(), { keepOpen: true })
  const weights = (options: Parameters<typeof weighted>[1]) =>
    [...batchesOf(dataset, { requests: 3, impressions: 2, weigh: weighted(dataset, options) })].flatMap(
      ({ weight }) => [...weight],
    )

  it('of clicks grow with the share watched and with what hides them', () => {
    expect(weights({})).toEqual([1, 1, 1, 1, 1, 0])
    expect(weights({ watch: 2 })).toEqual([1, 2, 1, 1, 1, 0])
    expect(weights({ examination: [1, 0.5] })).toEqual([1, 2, 1, 1, 1, 0])
    expect(weights({ examination: [1, 1e-9] })).toEqual([1, 20, 1, 1, 1, 0])
  })
  it('of a heavy viewer are scaled down to the cap', () => {
    expect(weights({ userCap: 2 })).toEqual([0.5, 0.5, 0.5, 0.5, 1, 0])
    expect(() => weighted(dataset, { userCap: 0 })).toThrow(RangeError)
  })
})
