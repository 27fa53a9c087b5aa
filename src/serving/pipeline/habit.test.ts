import { expect, it } from 'vitest'
import { Habit } from './habit.ts'

const feed = (habit: Habit, gave: readonly boolean[], now = 0) => gave.map((one) => habit.breaks(one, now))
const many = (n: number, gave: boolean) => Array.from({ length: n }, () => gave)

it('notices the eighth empty answer in a row of a source that gives, and the first full one ends it', () => {
  const habit = new Habit()
  feed(habit, many(100, true))
  expect(feed(habit, many(10, false))).toEqual([...many(7, false), true, true, true])
  expect(feed(habit, [true, ...many(7, false)])).toEqual(many(8, false))
})

it('says nothing of a source that often has nothing to give, nor before there is a habit', () => {
  const seldom = new Habit()
  expect(
    feed(
      seldom,
      Array.from({ length: 300 }, (_, i) => i % 5 !== 0),
    ).some((broken) => broken),
  ).toBe(false)
  expect(feed(seldom, many(50, false)).some((broken) => broken)).toBe(false)
  const young = new Habit()
  feed(young, many(20, true))
  expect(feed(young, many(50, false)).some((broken) => broken)).toBe(false)
})

it('takes it for the new habit after ten minutes', () => {
  const habit = new Habit()
  feed(habit, many(100, true))
  expect(feed(habit, many(8, false), 1000).at(-1)).toBe(true)
  expect(feed(habit, many(2, false), 600_999)).toEqual([true, true])
  expect(feed(habit, many(20, false), 601_000).some((broken) => broken)).toBe(false)
  expect(feed(habit, [true, ...many(20, false)], 601_001).some((broken) => broken)).toBe(false)
})
