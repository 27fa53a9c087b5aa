import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, HOUR } from '../../foundation/base/index.ts'
import type { Entry } from '../events/index.ts'
import { createWorld } from '../../world/index.ts'
import { catalogue, event, ground, slate, START } from './testing/ground.ts'
import {
  type Dataset,
  headCode,
  HEADS,
  headNames,
  type RankingRequest,
  type SampleOptions,
  samplesOf,
} from './index.ts'

const build = (entries: readonly Entry[], options: SampleOptions = {}) =>
  samplesOf(() => entries, ground(), { surfaces: ['home', 'next'], ...options })

/** Labels of one item by head; undefined where unknown. */
function labelsOf(request: RankingRequest, i: number): Record<string, number | undefined> {
  const value = (head: number) =>
    (request.known[i] & (1 << head)) === 0 ? undefined : request.labels[i * HEADS + head]
  return Object.fromEntries(headNames.map((name, head) => [name, value(head)]))
}
const open = (entries: readonly Entry[]) => [...entries, event('search', 40 * 86_400, { user: 'u9', query: 'x' })]

describe('one slate', () => {
  const entries = open([
    ...catalogue(3, 6),
    event('click', 0, { user: 'u0', item: 'i5' }),
    event('watch', 60, { user: 'u0', item: 'i5', completion: 0.5 }),
    ...slate('s', 'u0', 100, ['i3', 'i1', 'i0', 'i2']),
    event('click', 102, { user: 'u0', item: 'i1', slate: 's' }),
    event('watch', 152, { user: 'u0', item: 'i1', slate: 's', value: 40 }),
    event('survey', 153, { user: 'u0', item: 'i1', slate: 's', value: 4 }),
    event('like', 160, { user: 'u0', item: 'i0' }), // names no slate: the viewer's latest impression of it
    event('report', 170, { user: 'u0', item: 'i2', slate: 's' }),
    event('click', 100 + 3 * 3600, { user: 'u0', item: 'i3', slate: 's' }), // too late
  ])
  const { dataset, report } = build(entries)
  const request = dataset.request(1)

  it('has one request per slate, with its items in place and what came of each', () => {
    expect(report).toMatchObject({ requests: 2, samples: 4 + 5, outcomes: 6, late: 1, unknownItems: 0, open: 0 })
    expect(request).toMatchObject({ user: 0, at: START + 100_000, surface: 1, origin: 'logged' })
    expect([...request.items]).toEqual([3, 1, 0, 2])
    expect([...request.positions]).toEqual([0, 1, 2, 3])
    const rest = { report: 0, return: 1 }
    expect(labelsOf(request, 0)).toEqual({ ...rest, click: 0, watch: 0, satisfaction: undefined })
    expect(labelsOf(request, 1)).toEqual({ ...rest, click: 1, watch: expect.closeTo(0.4, 6), satisfaction: 0.75 })
    expect(labelsOf(request, 2)).toEqual({ ...rest, click: 1, watch: undefined, satisfaction: 1 })
    expect(labelsOf(request, 3)).toEqual({ click: 0, watch: 0, satisfaction: 0, report: 1, return: 1 })
  })

  it('has the history as of then, oldest first', () => {
    const { items, ago, kinds, completions } = request.history
    expect([...items]).toEqual([5])
    expect([...ago]).toEqual([40])
    expect(dataset.header.kinds[kinds[0]!]).toBe('watch')
    expect(completions[0]).toBeCloseTo(0.5, 2)
  })

  it('makes of a consumption without impressions a positive among negatives of the catalogue', () => {
    const sampled = dataset.request(0)
    expect(sampled).toMatchObject({ origin: 'sampled', at: START })
    expect(sampled.items[0]).toBe(5)
    expect(labelsOf(sampled, 0)).toMatchObject({ click: 1, watch: 0.5 })
    expect(new Set(sampled.items).size).toBe(5)
    for (let i = 1; i < 5; i++) {
      expect(labelsOf(sampled, i)).toEqual({
        click: 0,
        watch: undefined,
        satisfaction: undefined,
        report: undefined,
        return: undefined,
      })
    }
  })
})

describe('the return head', () => {
  const shown = (seconds: number) => slate(`s${seconds}`, 'u0', seconds, ['i0'])
  const returned = (entries: Entry[], end: number) => {
    const log = [...catalogue(1, 2), ...entries, event('search', end, { user: 'other', query: 'x' })]
    return [...build(log, { returnMs: DAY }).dataset].map((request) => labelsOf(request, 0).return)
  }
  it('is 1 when another session begins in time, 0 when none does, unknown when the log ends before', () => {
    const day = 86_400
    expect(returned([...shown(0), ...shown(600), ...shown(7200)], 2 * day)).toEqual([1, 1, 0])
    expect(returned([...shown(0), ...shown(7200)], day + 60)).toEqual([1, undefined])
    // Nobody had the time to stay away: that somebody came back says nothing of the others.
    expect(returned([...shown(0), ...shown(7200)], day - 60)).toEqual([undefined, undefined])
    expect(returned([...shown(0), ...shown(day + 60)], 3 * day)).toEqual([0, 0])
  })
})

describe('what is left out, and counted', () => {
  it('slates near the end of the log, of viewers who opted out, without an impression; unknown items; repeats', () => {
    const log: Entry[] = [
      ...catalogue(2, 3),
      { type: 'user', user: { id: 'u1', optOut: true }, at: START },
      ...slate('a', 'u0', 0, ['i0', 'nothing', 'i0', 'i1']),
      ...slate('b', 'u1', 10, ['i0']),
      event('click', 20, { user: 'u0', item: 'i2', slate: 'never' }),
      ...slate('c', 'u0', 3 * 3600, ['i1']),
    ]
    const { dataset, report } = build(log)
    expect(report).toMatchObject({
      requests: 1,
      samples: 2,
      unknownItems: 1,
      repeated: 1,
      optedOut: 1,
      unshown: 1,
      open: 1,
    })
    expect([...dataset.request(0).items]).toEqual([0, 1])
    expect(build(log, { keepOpen: true }).report.requests).toBe(2)
  })

  it('events of one viewer on the slate of another', () => {
    const log = open([
      ...catalogue(2, 3),
      ...slate('a', 'u0', 0, ['i0', 'i1']),
      event('click', 5, { user: 'u1', item: 'i0', slate: 'a' }),
      event('impression', 6, { user: 'u1', item: 'i2', slate: 'a' }),
      event('click', 7, { item: 'i1', slate: 'a' }),
    ])
    const { dataset, report } = build(log)
    expect(report).toMatchObject({ foreign: 2, outcomes: 1, requests: 1 })
    expect([...dataset.request(0).items].map((_, i) => labelsOf(dataset.request(0), i).click)).toEqual([0, 1])
  })

  it('keeps strangers, one slate each, without history or return', () => {
    const { dataset } = build(open([...catalogue(1, 3), ...slate('a', undefined, 0, ['i0', 'i2'])]))
    expect(dataset.request(0)).toMatchObject({ user: -1 })
    expect(dataset.request(0).history.items.length).toBe(0)
    expect(labelsOf(dataset.request(0), 0).return).toBeUndefined()
  })
})

describe('leakage', () => {
  /** Slates of a few users over a few items, outcomes interleaved, and batches of one slate in any order. */
  const logs = fc
    .array(
      fc.record({
        user: fc.nat(2),
        seconds: fc.nat(5 * 86_400),
        items: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 4 }),
        acts: fc.array(fc.tuple(fc.nat(3), fc.constantFrom('click', 'watch', 'like', 'not-interested'), fc.nat(5000)), {
          maxLength: 5,
        }),
        late: fc.boolean(),
      }),
      { minLength: 1, maxLength: 12 },
    )
    .map((slates) => {
      const events = slates.flatMap(({ user, seconds, items, acts, late }, s) => {
        const shown = slate(
          `s${s}`,
          `u${user}`,
          seconds,
          items.map((i) => `i${i}`),
        )
        const done = acts.map(([i, kind, after]) =>
          event(kind, seconds + 1 + after, {
            user: `u${user}`,
            item: `i${items[i % items.length]}`,
            slate: `s${s}`,
            completion: 0.7,
          }),
        )
        return [...shown, ...done].map((entry) => ({ entry, turn: late ? seconds + 6000 : 0 }))
      })
      const timeOf = (entry: Entry) => (entry.type === 'event' ? entry.event.at : 0)
      // Late slates come in one batch, outcomes first.
      events.sort((a, b) =>
        a.turn > 0 && a.turn === b.turn
          ? timeOf(b.entry) - timeOf(a.entry)
          : Math.max(a.turn * 1000 + START, timeOf(a.entry)) - Math.max(b.turn * 1000 + START, timeOf(b.entry)),
      )
      return [...catalogue(3, 6), ...events.map(({ entry }) => entry)]
    })

  it('features and history are those of a log that ends before the first entry of the slate', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const { dataset } = build(log, { keepOpen: true })
        expect(dataset.requests).toBeGreaterThan(0)
        for (const request of dataset) {
          const first = log.findIndex(
            (entry) => entry.type === 'event' && entry.event.slate === slateAt(log, request.place),
          )
          expect(request.place).toBe(first)
          const { state, features } = ground()
          for (const entry of log.slice(0, first)) state.apply(entry)
          const out = new Float32Array(request.items.length * dataset.width)
          const user = request.user
          state.users.row(`u${user}`)
          features.read(
            { user, at: request.at, surface: 'home', device: '', country: -1, language: -1 },
            request.items,
            out,
          )
          expect(request.features).toEqual(out)
          for (const ago of request.history.ago) expect(ago).toBeGreaterThanOrEqual(0)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('changing what came of a slate changes its labels and not its features', () => {
    const before = [...catalogue(1, 4), ...slate('a', 'u0', 0, ['i0', 'i1']), ...slate('b', 'u0', 5000, ['i2', 'i3'])]
    const quiet = build(open(before)).dataset.request(1)
    const loud = build(open([...before, event('like', 5002, { user: 'u0', item: 'i2', slate: 'b' })])).dataset.request(
      1,
    )
    expect(loud.features).toEqual(quiet.features)
    expect(loud.labels).not.toEqual(quiet.labels)
  })
})

function slateAt(log: readonly Entry[], place: number): string | undefined {
  const entry = log[place]!
  return entry.type === 'event' ? entry.event.slate : undefined
}

describe('a small world', () => {
  const world = createWorld({ users: 80, items: 300, days: 14, events: 8000 })
  const entries: Entry[] = [
    ...[...world.items()].map((item): Entry => ({ type: 'item', item, at: world.start })),
    ...[...world.users()].map((user): Entry => ({ type: 'user', user, at: world.start })),
    ...[...world.history()].map((event): Entry => {
      const at = Number(event.at)
      return { type: 'event', event: { ...event, at, receivedAt: at } }
    }),
  ]
  const events = entries.flatMap((entry) => (entry.type === 'event' ? [entry.event] : []))

  it('joins what plain counting joins', () => {
    const { dataset, report } = build(entries, { returnMs: 3 * DAY })
    const clicked = new Set<string>()
    const shown = new Map<string, number>()
    for (const { kind, slate, item, at } of events) {
      if (kind === 'impression') shown.set(`${slate} ${item}`, at)
      if (kind === 'click' && at <= shown.get(`${slate} ${item}`)! + 2 * HOUR) clicked.add(`${slate} ${item}`)
    }
    let impressions = 0
    let clicks = 0
    for (const request of dataset) {
      const slateName = slateAt(entries, request.place)
      request.items.forEach((row, i) => {
        impressions++
        const key = `${slateName} ${world.itemId(row)}`
        expect(shown.has(key)).toBe(true)
        if (labelsOf(request, i).click === 1) clicks++
        expect(labelsOf(request, i).click === 1).toBe(clicked.has(key))
      })
    }
    expect(clicks).toBeGreaterThan(200)
    expect(report.samples).toBe(impressions)
    expect(impressions).toBeGreaterThan(0.95 * shown.size)
  })

  it('gives equal bytes for equal input, in any chunk size', () => {
    const bytes = (dataset: Dataset) =>
      [...dataset].map((request) => [
        ...request.features,
        ...request.labels,
        ...request.items,
        ...request.history.items,
      ])
    const one = build(entries).dataset
    expect(bytes(build(entries, { chunkImpressions: 100 }).dataset)).toEqual(bytes(one))
    expect(one.chunks.length).toBe(1)
  })

  it('lets the oldest go early, and counts it, when too many wait', () => {
    const { report } = build(entries, { pendingMax: 50 })
    expect(report.early).toBeGreaterThan(0)
    expect(report.early).toBeLessThanOrEqual(report.requests)
    expect(build(entries).report.early).toBe(0)
  })

  it('keeps by lot a share that is part of the whole', () => {
    const some = build(entries, { share: 0.3 }).dataset
    const all = new Set([...build(entries).dataset].map(({ place }) => place))
    const places = [...some].map(({ place }) => place)
    expect(places.every((place) => all.has(place))).toBe(true)
    expect(places.length / all.size).toBeGreaterThan(0.2)
    expect(places.length / all.size).toBeLessThan(0.4)
    expect(headCode('click')).toBe(0)
  })
})
