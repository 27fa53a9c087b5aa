import { expect, it } from 'vitest'
import { Random } from '../../../foundation/base/index.ts'
import { MASKED } from '../../graph/index.ts'
import { Batch } from './batch.ts'
import { Drawn } from './drawn.ts'
import { packEpoch } from './packing.ts'
import { historiesOf } from './sequences.ts'

const ITEMS = 200
/** Logits of which a few say nearly all. */
const logits = Float64Array.from({ length: ITEMS }, (_, i) => (i < 5 ? 6 : Math.sin(i)))

/** Sums over candidates of exp(logit + what it is raised by): estimates of the sum over all items but one. */
function estimates(hard: number, near: readonly number[], draws: number): number[] {
  const drawn = new Drawn(ITEMS, { negatives: 40, hard })
  const random = new Random('estimates')
  return Array.from({ length: draws }, () => {
    drawn.draw(random, near)
    return drawn.items.reduce((sum, row, c) => sum + Math.exp(logits[row] + drawn.raise[c]), 0)
  })
}
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
const spread = (values: readonly number[]) =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2))) / mean(values)

it('estimates the sum over all items without bias, and closely where the near misses are what is large', () => {
  // Each draw stands for one of the others but the own item, which here is any: (N - 1) / N of the rest.
  const near = [0, 1, 2, 3, 4]
  const known = near.reduce((sum, row) => sum + Math.exp(logits[row]), 0)
  const all = logits.reduce((sum, z) => sum + Math.exp(z), 0)
  const even = estimates(0, [], 4000)
  const aided = estimates(8, near, 4000)
  expect(mean(even) / ((all * (ITEMS - 1)) / ITEMS)).toBeCloseTo(1, 1)
  const rest = ((all - known) * (ITEMS - 1 - near.length)) / (ITEMS - near.length)
  expect(mean(aided) / (known + rest)).toBeCloseTo(1, 3)
  expect(spread(aided)).toBeLessThan(0.1 * spread(even))
})

it('takes near misses by lot when there are too many, none twice, and leaves slots void when there are too few', () => {
  const drawn = new Drawn(ITEMS, { negatives: 10, hard: 4 })
  const random = new Random('slots')
  const met = new Set<number>()
  for (let n = 0; n < 100; n++) {
    drawn.draw(random, [3, 4, 5, 6, 7, 8])
    const taken = [...drawn.items.subarray(0, 4)]
    expect(new Set(taken).size).toBe(4)
    expect([...drawn.items.subarray(4)].filter((row) => taken.includes(row))).toEqual([])
    for (const row of taken) met.add(row)
  }
  expect([...met].sort()).toEqual([3, 4, 5, 6, 7, 8])
  drawn.draw(random, [9])
  expect(drawn.items[0]).toBe(9)
  expect([...drawn.raise.subarray(0, 4)]).toEqual([0, MASKED, MASKED, MASKED])
  expect(drawn.raise[4]).toBeCloseTo(Math.log(198 / 10), 6)
})

it('ends on a catalogue that near misses could fill', () => {
  const drawn = new Drawn(4, { negatives: 6, hard: 4 })
  drawn.draw(new Random('few'), [0, 1, 2, 3])
  expect(drawn.raise.filter((raise) => raise === 0)).toHaveLength(2) // half
  expect(drawn.raise[4]).toBeCloseTo(Math.log(1 / 6), 6)
})

it('gathers the near misses of the slates that the next items came from, not of others', () => {
  const near = { starts: Uint32Array.from([0, 1, 3, 3, 4, 6]), item: Uint32Array.from([9, 7, 8, 6, 7, 5]) }
  const histories = {
    ...historiesOf(
      [
        [0, 1, 2],
        [3, 4],
      ],
      10,
    ),
    near,
  }
  const split = { validFrom: Uint32Array.from([3, 5]), testFrom: Uint32Array.from([3, 5]) }
  const batch = new Batch(1, 4, 2)
  batch.fill(histories, packEpoch(histories, split, 4, new Random('nears')), 0)
  // Learnt are the places 1, 2 and 4: the first of each history has nothing before it.
  expect(batch.nears(histories).sort()).toEqual([5, 7, 8])
  expect(
    batch.nears(
      historiesOf(
        [
          [0, 1, 2],
          [3, 4],
        ],
        10,
      ),
    ),
  ).toEqual([])
})
