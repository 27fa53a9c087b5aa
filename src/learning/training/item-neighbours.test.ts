import { expect, test } from 'vitest'
import { ItemNeighbours, ranksByNeighbours } from './index.ts'

// Users by item: 0 a b c, 1 a b, 2 a c, 3 d, 4 d, 5 nobody.
const baskets = [
  [0, 1, 2],
  [1, 0],
  [0, 2],
  [3, 4],
]
const neighbours = new ItemNeighbours(6, baskets)
/** c / (sqrt(n_a n_b) + 5), by hand. */
const like = (both: number, a: number, b: number) => Math.fround(both / (Math.sqrt(a * b) + 5))

test('items are as alike as the users they have in common, worked by hand', () => {
  const of0 = neighbours.like([0])
  expect([...of0.keys()].sort()).toEqual([1, 2])
  expect(of0.get(1)).toBe(like(2, 3, 2))
  expect(of0.get(2)).toBe(like(2, 3, 2))
  expect(neighbours.like([1]).get(2)).toBe(like(1, 2, 2))
  expect(neighbours.like([5]).size).toBe(0)
  // What came before counts 2^(-1/3) of what came last.
  const both = neighbours.like([3, 1])
  expect(both.get(0)).toBe(like(2, 2, 3))
  expect(both.get(4)).toBeCloseTo(2 ** (-1 / 3) * like(1, 1, 1), 12)
})

test('ranks leave out what was seen, count ties against the item and give what is like nothing the last place', () => {
  const cases = [
    { wanted: 1, seen: [0] }, // ties with 2: the second place
    { wanted: 1, seen: [2, 0] }, // 2 is seen: the first
    { wanted: 2, seen: [3, 1] }, // 0 by .269, 4 by .794 x .167 = .132, then 2 by 1/7 = .143: the second
    { wanted: 4, seen: [0] },
    { wanted: 5, seen: [] },
  ]
  const asked = { wanted: Uint32Array.from(cases, ({ wanted }) => wanted), seen: (i: number) => cases[i]?.seen ?? [] }
  const last = 0xffff_ffff
  expect([...ranksByNeighbours(neighbours, asked, [0, 1, 2, 3, 4, 5])]).toEqual([2, 1, 2, last, last])
  // An item that is not ranked is in nobody's way and finds no place.
  expect([...ranksByNeighbours(neighbours, asked, [1, 2, 4])]).toEqual([2, 1, 1, last, last])
})

test('of long baskets the latest part counts, of long histories too', () => {
  const long = Array.from({ length: 300 }, (_, row) => row)
  const kept = new ItemNeighbours(300, [long])
  expect(kept.like([0]).size).toBe(0)
  expect(kept.like([299]).size).toBe(128)
  const asked = new ItemNeighbours(80, [[0, 1]]).like([0, ...Array.from({ length: 50 }, (_, i) => 10 + i)])
  expect(asked.size).toBe(0)
})
