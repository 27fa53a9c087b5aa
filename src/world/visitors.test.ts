import { expect, test } from 'vitest'
import { type EventInput, parseEvent, parseItem } from '../domain/index.ts'
import { DAY } from '../foundation/base/index.ts'
import { createWorld, type Policy, Visitors } from './index.ts'

const world = createWorld({ seed: 'visitors', users: 150, items: 400, days: 7 })

/** Lets visitors ask `slates` times of a platform that gives them what `choose` says; keeps all they tell. */
function visit(choose: (user: number) => readonly number[], slates: number, seed = 1) {
  const visitors = new Visitors(world, { seed, run: 'r' })
  const told: EventInput[] = []
  for (let n = 0; n < slates; n++) {
    const ask = visitors.ask()
    if (!ask) throw new Error('nobody asks')
    told.push(...visitors.happened(n))
    const items = choose(world.userRow(ask.user)).map((row, position) => ({ item: world.itemId(row), position }))
    visitors.see(ask, { slate: `s${n}`, surface: ask.surface, items })
  }
  return { visitors, told, report: visitors.report() }
}
const best = new Map<number, readonly number[]>()
const liked = (user: number) => {
  if (!best.has(user)) best.set(user, [...world.truth.bestItems(user, 10).rows])
  return best.get(user) as readonly number[]
}

test('events are told once each, in time, and count to what the report says', () => {
  const { told, report } = visit(liked, 1500)
  expect(new Set(told.map(({ id }) => id)).size).toBe(told.length)
  let last = 0
  for (const event of told) {
    expect(parseEvent(event).ok).toBe(true)
    expect(event.at as number).toBeGreaterThanOrEqual(last) // told in the round it happened
    last = event.at as number
    // What a viewer does with slate n cannot be told before slate n was seen.
    expect(last).toBeGreaterThan(Number(/^s(\d+)/.exec(`${event.id}`)?.[1]))
    expect(event.session).toMatch(/^u\d+-\d+-r$/)
  }
  const clicks = told.filter(({ kind }) => kind === 'click').length
  expect(report.slates).toBe(1500)
  expect(report.clicks - clicks).toBeGreaterThanOrEqual(0)
  expect(report.clicks - clicks).toBeLessThan(100) // of sessions under way
  expect(report.users).toBe(new Set(told.map(({ user }) => user)).size)
  const { visitors: again, told: before } = visit(liked, 1500)
  const rest = again.rest(1500)
  expect(clicks + rest.filter(({ kind }) => kind === 'click').length).toBe(report.clicks)
  expect(new Set([...before, ...rest].map(({ id }) => id)).size).toBe(before.length + rest.length)
  expect(again.rest(1501)).toEqual([])
  expect(report.returned).toBeGreaterThan(0.5)
})

test('what viewers want pleases them more than any ten items, and brings them back sooner', () => {
  const pleased = visit(liked, 1500).report
  const fobbed = visit(() => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 1500).report
  expect(pleased.satisfaction).toBeGreaterThan(fobbed.satisfaction)
  // 1,500 slates of pleased viewers take less of the world's time.
  expect(pleased.days).toBeLessThan(fobbed.days)
})

test('the mean satisfaction is the planted one: a forecast under the same policy agrees', () => {
  const same: Policy = { slate: ({ user }) => liked(user) }
  const { satisfaction } = world.truth.retention28(same)
  // A standard deviation of a watch is about 0.2; some hundred watches leave 0.01 to each mean.
  expect(Math.abs(visit(liked, 3000).report.satisfaction - satisfaction)).toBeLessThan(0.05)
})

test('equal seeds do the same; items come out in order of the clock of the world', () => {
  expect(visit(liked, 300).told).toEqual(visit(liked, 300).told)
  expect(visit(liked, 300, 2).told).not.toEqual(visit(liked, 300).told)
  const { visitors, report } = visit(liked, 1500)
  const out = visitors.published(77)
  expect(out.length).toBe(
    [...world.upcoming()].filter(({ published }) => (published as number) <= world.end + report.days * DAY).length,
  )
  expect(out.length).toBeGreaterThan(0)
  for (const item of out) expect(parseItem(item)).toMatchObject({ ok: true, value: { published: 77 } })
  expect(visitors.published(78)).toEqual([])
})
