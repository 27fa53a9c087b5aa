import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { EmbeddingTable, VectorSum } from './index.ts'

const DIM = 8
const random = new Random('sums')
const vectors = (n: number) => Float32Array.from({ length: n * DIM }, () => random.normal())

describe('a sum of vectors', () => {
  it('adds what several tables and bags say of each place', () => {
    const places = 5
    const sum = new VectorSum(places, 12, DIM)
    const [first, second, listed] = [vectors(places), vectors(places), vectors(7)]
    const bag = {
      owners: Uint32Array.of(0, 0, 0, 2, 4, 4, 1),
      shares: Float32Array.of(0.25, 0.25, 0.5, 1, 0.5, 0.5, 1),
    }
    sum.begin(first)
    sum.add(second)
    sum.addBag(listed, bag)
    const wanted = first.map((x, i) => x + second[i])
    for (let n = 0; n < 7; n++)
      for (let k = 0; k < DIM; k++) wanted[bag.owners[n] * DIM + k] += bag.shares[n] * listed[n * DIM + k]
    for (let i = 0; i < wanted.length; i++) expect(sum.values[i]).toBeCloseTo(wanted[i], 5)
    sum.begin()
    expect(sum.values.every((x) => x === 0)).toBe(true)
  })
})

describe('gradients of bags', () => {
  const open = () =>
    new EmbeddingTable({ name: 'bags', dim: DIM, ids: 'integer', optimiser: { kind: 'sgd', rate: 1 }, seed: 3 })
  const ids = Uint32Array.of(7, 9, 7, 11)

  it('move each row by its share of the gradient of its place', () => {
    const table = open()
    const rows = table.lookup(ids, 0)
    const before = table.gather(rows).slice()
    const gradient = vectors(2) // of two places
    const bag = { owners: Uint32Array.of(0, 0, 1, 1), shares: Float32Array.of(0.5, 0.5, 0.25, 0.75) }
    table.accumulate(rows, gradient, bag)
    table.step()
    const after = table.gather(rows)
    const moved: Readonly<Record<number, (k: number) => number>> = {
      7: (k) => 0.5 * gradient[k] + 0.25 * gradient[DIM + k], // listed in both places
      9: (k) => 0.5 * gradient[k],
      11: (k) => 0.75 * gradient[DIM + k],
    }
    for (const [n, id] of ids.entries())
      for (let k = 0; k < DIM; k++) expect(before[n * DIM + k] - after[n * DIM + k]).toBeCloseTo(moved[id]?.(k) ?? 0, 5)
  })

  it('refuses owners beyond the places', () => {
    const table = open()
    const rows = table.lookup(ids, 0)
    const bag = { owners: Uint32Array.of(0, 0, 1, 2), shares: new Float32Array(4).fill(0.5) }
    expect(() => table.accumulate(rows, vectors(2), bag)).toThrow(RangeError)
  })
})
