import { expect, it } from 'vitest'
import { toySamples } from '../testing/toy-samples.ts'
import { examplesOf, Pool } from './examples.ts'

it('the pool knows since when an item was there: it came out, or a request names it', () => {
  const samples = toySamples('taste', 40)
  const numbers = Uint32Array.from({ length: 20 }, (_, i) => 10 + i)
  const first = new Map<number, number>()
  for (const number of numbers) {
    const { at, items, near } = samples.request(number)
    for (const row of [...items, ...near]) if (!first.has(row)) first.set(row, at) // requests are in the order of time
  }
  const [met, other] = [...first.keys()] as [number, number]
  const early = (first.get(met) as number) - 5
  const late = (first.get(other) as number) + 5
  const published = (row: number) => ({ [met]: early, [other]: late, 70: 123 })[row] ?? Number.NaN
  const pool = new Pool(samples, numbers, examplesOf(samples, numbers), Uint32Array.of(70, 71, met), published)
  const since = (row: number) => pool.since[pool.place(row)]
  expect(since(met)).toBe(early)
  expect(since(other)).toBe(first.get(other)) // a date that comes after what happened is none
  expect(since(70)).toBe(123)
  expect(since(71)).toBe(Number.NEGATIVE_INFINITY) // as far as anybody knows it was there all the time
  for (const [row, at] of first) if (row !== met) expect(since(row)).toBe(at)
  expect(pool.items).toEqual(Uint32Array.from([...new Set([...first.keys(), 70, 71])].sort((a, b) => a - b)))
})
