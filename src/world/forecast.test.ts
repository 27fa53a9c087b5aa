import { expect, test } from 'vitest'
import { createWorld } from './index.ts'

test('retention, satisfaction and watch time rise from random over popularity to the oracle', () => {
  const world = createWorld({ seed: 'retention', users: 900, items: 400, creators: 100 })
  const { policies } = world.truth
  const random = world.truth.retention28(policies.random())
  const popularity = world.truth.retention28(policies.popularity())
  const oracle = world.truth.retention28(policies.oracle(), { users: 300 })
  expect(random.retention + 0.03).toBeLessThan(popularity.retention)
  expect(popularity.retention + 0.1).toBeLessThan(oracle.retention)
  expect(random.returned).toBeLessThan(popularity.returned)
  expect(popularity.returned).toBeLessThan(oracle.returned)
  expect(random.satisfaction + 0.03).toBeLessThan(popularity.satisfaction)
  expect(popularity.satisfaction + 0.1).toBeLessThan(oracle.satisfaction)
  expect(random.watchSeconds).toBeLessThan(popularity.watchSeconds)
  expect(popularity.watchSeconds).toBeLessThan(oracle.watchSeconds)
  expect(oracle.reports).toBeLessThan(random.reports)
})

test('a forecast repeats itself and leaves the world as it was', () => {
  const world = createWorld({ seed: 'again', users: 200, items: 300, days: 7 })
  const first = world.truth.retention28(world.truth.policies.random(), { users: 50 })
  expect(first.users).toBe(50)
  expect(world.truth.retention28(world.truth.policies.random(), { users: 50 })).toEqual(first)
  expect(world.truth.retention28(world.truth.policies.random('other'), { users: 50, seed: 1 })).not.toEqual(first)
})

test('a policy that shows nothing loses nearly everybody', () => {
  const world = createWorld({ seed: 'nothing', users: 400, items: 100, days: 7 })
  const nothing = world.truth.retention28({ slate: () => [] })
  expect(nothing.clicks).toBe(0)
  expect(nothing.satisfaction).toBeNaN()
  expect(nothing.retention).toBeLessThan(world.truth.retention28(world.truth.policies.random()).retention)
})
