import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { manualClock, Random } from '../../../foundation/base/index.ts'
import { completeConfig, Kinds } from '../../../domain/index.ts'
import { State } from '../../../stream/catalog/index.ts'
import { Histories } from '../../../stream/features/index.ts'
import { CoOccurrence } from './cooccurrence.ts'
import { solveRidge } from './ridge.ts'
import { buildSlimAside, learnsAside } from './slim-aside.ts'
import { buildSlim, type SlimModel } from './slim-builder.ts'
import { Slim } from './slim.ts'

if (!learnsAside()) console.log('without dist/ (npm run build) the thread of the linear model is not tested')

/** Users with lists of items, as a state would hold them after clicks. */
function consumedBy(lists: readonly (readonly number[])[], items: number, config = {}) {
  const state = new State(new Kinds())
  const histories = state.add(new Histories())
  for (let i = 0; i < items; i++) state.apply({ type: 'item', item: { id: `i${i}` }, at: 0 })
  let at = 0
  lists.forEach((list, user) => {
    for (const item of list) {
      at += 1000
      const event = { id: `e${at}`, kind: 'click', user: `u${user}`, item: `i${item}`, at, receivedAt: at }
      state.apply({ type: 'event', event })
    }
  })
  const slim = new Slim(state, histories, completeConfig({ retrieval: config }).retrieval)
  return { state, histories, slim }
}

function modelOf(histories: Histories, users: number, items: number, support: number, ridge: number): SlimModel {
  const steps = buildSlim({ histories, users, rows: items }, { items: 1000, support, ridge })
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value
}

/** Gauss-Jordan inverse. */
function inverse(matrix: number[][]): number[][] {
  const n = matrix.length
  const a = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))])
  for (let i = 0; i < n; i++) {
    const pivot = a[i]![i]!
    for (let k = 0; k < 2 * n; k++) a[i]![k]! /= pivot
    for (let r = 0; r < n; r++) {
      if (r === i) continue
      const factor = a[r]![i]!
      for (let k = 0; k < 2 * n; k++) a[r]![k]! -= factor * a[i]![k]!
    }
  }
  return a.map((row) => row.slice(n))
}

const weight = (model: SlimModel, from: number, to: number): number => {
  const place = model.placeOf[from]!
  for (let cell = model.starts[place]!; cell < model.starts[place + 1]!; cell++) {
    if (model.targets[cell] === to) return model.weights[cell]!
  }
  return 0
}

const random = new Random('slim')
const ITEMS = 12
const lists = Array.from({ length: 40 }, () =>
  Array.from({ length: ITEMS }, (_, i) => i).filter((i) => random.chance(0.15 + 0.05 * (i % 5))),
)

describe('buildSlim', () => {
  it('is EASE when every other item is support: B_ij = -P_ij / P_jj', () => {
    const { histories } = consumedBy(lists, ITEMS)
    const ridge = 3
    const model = modelOf(histories, lists.length, ITEMS, ITEMS, ridge)
    const gram = Array.from({ length: ITEMS }, (_, i) =>
      Array.from(
        { length: ITEMS },
        (_, j) => lists.filter((list) => list.includes(i) && list.includes(j)).length + (i === j ? ridge : 0),
      ),
    )
    const P = inverse(gram)
    for (let i = 0; i < ITEMS; i++) {
      for (let j = 0; j < ITEMS; j++) {
        if (i !== j) expect(weight(model, i, j)).toBeCloseTo(-P[i]![j]! / P[j]![j]!, 5)
      }
    }
  })

  it('regresses on the nearest alone when the support is smaller, and gives equal bytes twice', () => {
    const { histories } = consumedBy(lists, ITEMS)
    const model = modelOf(histories, lists.length, ITEMS, 3, 3)
    for (let target = 0; target < ITEMS; target++) {
      const sources = Array.from({ length: ITEMS }, (_, i) => i).filter((i) => weight(model, i, target) !== 0)
      expect(sources.length).toBeLessThanOrEqual(3)
      const users = (i: number, j: number) => lists.filter((list) => list.includes(i) && list.includes(j)).length
      const cosine = (i: number) => users(i, target) / Math.sqrt(users(i, i) * users(target, target))
      const best = Array.from({ length: ITEMS }, (_, i) => i)
        .filter((i) => i !== target)
        .sort((a, b) => cosine(b) - cosine(a))
      const worstChosen = Math.min(...sources.map(cosine))
      expect(worstChosen).toBeGreaterThanOrEqual(cosine(best[2]!) - 1e-9)
    }
    expect(modelOf(histories, lists.length, ITEMS, 3, 3)).toEqual(model)
  })
})

describe('buildSlim of part of the catalogue', () => {
  it('covers the items with most users, ties by row, none with a single user', () => {
    const sets = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 8 }), { maxLength: 9 }), { maxLength: 12 })
    fc.assert(
      fc.property(sets, fc.integer({ min: 0, max: 10 }), (users, limit) => {
        const { histories } = consumedBy(users, 9)
        const steps = buildSlim({ histories, users: users.length, rows: 9 }, { items: limit, support: 4, ridge: 1 })
        let step = steps.next()
        while (!step.done) step = steps.next()
        const covered = Array.from({ length: 9 }, (_, row) => row).filter(
          (row) => (step.value as SlimModel).placeOf[row]! >= 0,
        )
        const count = (row: number) => users.filter((items) => items.includes(row)).length
        const expected = Array.from({ length: 9 }, (_, row) => row)
          .filter((row) => count(row) >= 2)
          .sort((a, b) => count(b) - count(a) || a - b)
          .slice(0, limit)
        expect(covered).toEqual(expected.sort((a, b) => a - b))
      }),
      { numRuns: 60 },
    )
  })
})

describe('Slim', () => {
  it('recommends within the planted group', () => {
    const groups = Array.from({ length: 60 }, (_, user) =>
      Array.from({ length: 10 }, (_, i) => i + 10 * (user % 2)).filter((i) => (i + user) % 3 !== 0),
    )
    const { slim } = consumedBy([...groups, [1, 2]], 20, { slimRidge: 1 })
    expect(slim.forViewer(60, 5)).toEqual({ rows: [], scores: [] })
    slim.build()
    const { rows } = slim.forViewer(60, 5)
    expect(rows.length).toBe(5)
    for (const row of Array.from(rows)) expect(row).toBeLessThan(10)
    expect(Array.from(rows)).not.toContain(1)
  })

  it('builds in slices what it builds at once, and serves the old model until the new one is complete', () => {
    const whole = consumedBy(lists, ITEMS)
    const sliced = consumedBy(lists, ITEMS)
    whole.slim.build()
    const clock = manualClock()
    const ticks = () => {
      clock.advance(1)
      return clock.ticks()
    }
    const ticking = { now: clock.now, ticks }
    let steps = 1
    while (!sliced.slim.step(3, ticking).done) {
      expect(sliced.slim.ready).toBe(false)
      steps++
    }
    expect(steps).toBeGreaterThan(5)
    for (let user = 0; user < 5; user++) expect(sliced.slim.forViewer(user, 10)).toEqual(whole.slim.forViewer(user, 10))
  })

  it.skipIf(!learnsAside())('builds aside what it builds here, while this thread goes on', async () => {
    const many = Array.from({ length: 3000 }, (_, user) => lists[user % lists.length] as number[]) // several messages
    const here = consumedBy(many, ITEMS)
    const aside = consumedBy(many, ITEMS)
    here.slim.build()
    let rests = 0
    const rest = () => (rests++ % 100 === 0 ? new Promise<void>((done) => setImmediate(done)) : undefined)
    const { signal } = new AbortController()
    const building = aside.slim.buildAside(0, { rest, signal })
    expect([aside.slim.ready, aside.slim.due(1e9)]).toEqual([false, false])
    expect(await building).toBe(true)
    expect(rests).toBeGreaterThan(3000)
    expect(aside.slim.built).toEqual(here.slim.built)
  })

  it.skipIf(!learnsAside())('keeps the old model where a build aside is stopped or comes to nothing', async () => {
    const { slim, state } = consumedBy(lists, ITEMS, { slimRefreshSeconds: 60 })
    slim.build(0)
    const before = slim.built
    state.apply({ type: 'item', item: { id: 'new' }, at: 0 })
    const stopped = new AbortController()
    const building = slim.buildAside(60_000, { rest: () => undefined, signal: stopped.signal })
    stopped.abort()
    expect(await building).toBe(false)
    expect(slim.built).toEqual(before)
    expect([slim.due(119_000), slim.due(120_000)]).toEqual([false, false]) // nothing came since it began
    state.apply({ type: 'item', item: { id: 'newer' }, at: 0 })
    expect([slim.due(119_000), slim.due(120_000)]).toEqual([false, true])
    const { histories } = consumedBy(lists, ITEMS)
    const ground = { histories, users: lists.length, rows: ITEMS }
    const never = new AbortController().signal
    const wrong = { items: ITEMS, support: -1, ridge: 1, rest: () => undefined, signal: never }
    await expect(buildSlimAside(ground, wrong)).rejects.toThrow(/Invalid typed array length/)
  })

  it('is due after new events and the least time', () => {
    const { slim, state } = consumedBy(lists, ITEMS, { slimRefreshSeconds: 60 })
    expect(slim.due(0)).toBe(true)
    slim.build(0)
    expect(slim.due(120_000)).toBe(false)
    state.apply({ type: 'item', item: { id: 'new' }, at: 0 })
    expect(slim.due(59_000)).toBe(false)
    expect(slim.due(60_000)).toBe(true)
  })

  it('is off with no items', () => {
    const { slim } = consumedBy(lists, ITEMS, { slimItems: 0 })
    slim.build()
    expect(slim.ready).toBe(false)
    expect(slim.due(1e9)).toBe(false)
  })
})

describe('solveRidge', () => {
  it('solves a worked system', () => {
    // (A + I) x = b with A + I = [[4, 2], [2, 3]], b = [8, 7]: x = [1.25, 1.5]
    const vector = Float64Array.of(8, 7)
    expect(solveRidge(Float64Array.of(3, 0, 2, 2), vector, 2, 1)).toBe(true)
    expect(vector[0]).toBeCloseTo(1.25, 12)
    expect(vector[1]).toBeCloseTo(1.5, 12)
  })

  it('says so when there is no solution', () => {
    expect(solveRidge(Float64Array.of(0, 0, 0, 0), Float64Array.of(1, 1), 2, 0)).toBe(false)
  })
})

describe('a build in slices that fails', () => {
  it('leaves the model in use, and the next one is built anew', () => {
    const { state, histories, slim } = consumedBy(
      Array.from({ length: 20 }, (_, u) => (u % 2 ? [0, 1] : [0, 1, 2])),
      3,
    )
    const clock = manualClock(1e9)
    slim.build(clock.now())
    const before = slim.built
    expect(before).toBeDefined()
    const click = (at: number) =>
      state.apply({ type: 'event', event: { id: `f${at}`, kind: 'click', user: 'u0', item: 'i2', at, receivedAt: at } })
    click(2e6)
    clock.advance(1e7)
    expect(slim.due(clock.now())).toBe(true)
    const reading = vi.spyOn(histories.consumed, 'length').mockImplementationOnce(() => {
      throw new RangeError('Array buffer allocation failed')
    })
    expect(() => slim.step(1000, clock)).toThrow('allocation')
    reading.mockRestore()
    expect(slim.built).toEqual(before)
    click(3e6)
    clock.advance(1e7)
    expect(slim.due(clock.now())).toBe(true)
    for (let step = slim.step(1000, clock); !step.done; step = slim.step(1000, clock));
    expect(slim.built?.entries).toBe(state.applied)
  })
})

describe('CoOccurrence', () => {
  it('counts like a double loop', () => {
    const sets = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 8 }), { maxLength: 9 }), { maxLength: 20 })
    fc.assert(
      fc.property(sets, (users) => {
        const both = new CoOccurrence(9, users.length)
        for (const items of users) both.add(Uint32Array.from(items).sort(), items.length)
        const column = new Float64Array(9)
        for (let a = 0; a < 9; a++) {
          both.column(a, column)
          for (let b = 0; b < 9; b++) {
            const expected = users.filter((items) => items.includes(a) && items.includes(b)).length
            expect([both.get(a, b), column[b]]).toEqual([expected, expected])
          }
        }
      }),
    )
  })
})
