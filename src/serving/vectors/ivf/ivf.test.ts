import { describe, expect, it } from 'vitest'
import { Random } from '../../../foundation/base/index.ts'
import { bruteForce, plainVectors, vectorIndexSuite } from '../vector-index.suite.ts'
import { buildIvf } from './build.ts'
import { madeQueries, recallOf, truthOf } from './recall.ts'
import { IvfSearcher } from './searcher.ts'

// The largest element is near 7, so a step of the code is 0.055, an element is off by 0.016 and a score, with a query of length
// 5, by 0.08: five times that.
vectorIndexSuite('ivf', (dim, rows, vectors) => buildIvf({ dim, rows, vectors }, { cells: 8, recall: 0.99 }), {
  recallLeast: 0.9,
  near: 1e-2,
})

describe('an inverted file', () => {
  const dim = 32
  const plain = plainVectors('ivf', 6000, dim)

  it('keeps the recall that its probes were chosen for, and reads few cells for it', async () => {
    const index = await buildIvf({ dim, ...plain }, { recall: 0.95 })
    const queries = madeQueries(plain.vectors, dim, 40, 'fresh')
    const truth = Array.from({ length: 40 }, (_, q) =>
      Uint32Array.from(bruteForce(plain, queries.subarray(q * dim, (q + 1) * dim), 600), ({ row }) => row),
    )
    expect(recallOf(index, queries, truth)).toBeGreaterThan(0.93)
    expect(index.probes).toBeLessThan(index.shape.cells / 2)
    const native = await truthOf(plain.rows, plain.vectors, queries, dim, 600)
    native.forEach((rows, q) => {
      expect(
        recallOf(
          { ...index, search: () => ({ rows, scores: new Float32Array(0) }) } as never,
          queries.subarray(0, dim),
          [truth[q] as Uint32Array],
        ),
      ).toBeGreaterThan(0.995) // float32 sums differ in their last bits
    })
  })

  it('goes to the delta when a cell is full, and says how much is astray', async () => {
    const index = await buildIvf({ dim, ...plain })
    expect(index.astray).toBe(0)
    const one = plain.vectors.slice(0, dim)
    const random = new Random('astray')
    for (let i = 0; i < 3000; i++) {
      index.upsert(
        100_000 + i,
        one.map((x) => x * random.between(0.9, 1.1)),
      )
    }
    expect(index.astray).toBeGreaterThan(0.25)
    const found = index.search(one, 3000)
    const late = found.rows.filter((row) => row >= 100_000).length
    expect(late).toBeGreaterThan(2000)
    for (let i = 0; i < 3000; i++) index.remove(100_000 + i)
    expect(index.astray).toBe(0)
    expect(index.search(one, 6000).rows.every((row) => row < 100_000)).toBe(true)
  })

  it('is searched from its memory by another searcher, which sees every change', async () => {
    const index = await buildIvf({ dim, ...plain }, { searchers: 3 })
    const other = new IvfSearcher(index.shared)
    const query = madeQueries(plain.vectors, dim, 1, 'other')
    expect(other.search(query, 200)).toEqual(index.search(query, 200))
    index.upsert(77_777, query)
    expect(other.search(query, 1).rows[0]).toBe(index.search(query, 1).rows[0])
    index.remove(index.search(query, 1).rows[0] as number)
    expect(other.search(query, 200)).toEqual(index.search(query, 200))
    const third = new IvfSearcher(index.shared)
    expect(third.size).toBe(index.size)
    expect(() => new IvfSearcher(index.shared)).toThrow(/built for 3/)
    third.release()
    expect(new IvfSearcher(index.shared).search(query, 5)).toEqual(index.search(query, 5))
  })

  it('keeps lengths: of two in one direction the longer wins', async () => {
    const index = await buildIvf({ dim, ...plain })
    const direction = plain.vectors.slice(0, dim)
    index.upsert(
      50_000,
      direction.map((x) => x * 1.2),
    )
    index.upsert(
      50_001,
      direction.map((x) => x * 0.8),
    )
    const { rows } = index.search(direction, 6002)
    expect(rows.indexOf(50_000)).toBeLessThan(rows.indexOf(50_001))
  })

  it('refuses to be built from what is no vector, and from a row twice', async () => {
    const one = new Float32Array(dim).fill(1)
    const two = Float32Array.of(...one, ...one)
    await expect(buildIvf({ dim, rows: Uint32Array.of(4, 4), vectors: two })).rejects.toThrow(/two vectors of row 4/)
    await expect(buildIvf({ dim, rows: Uint32Array.of(4), vectors: two })).rejects.toThrow(RangeError)
    await expect(buildIvf({ dim, rows: new Uint32Array(0), vectors: new Float32Array(0) })).rejects.toThrow(/exact/)
    two[5] = Number.NaN
    await expect(buildIvf({ dim, rows: Uint32Array.of(4, 5), vectors: two })).rejects.toThrow(/row 4/)
  })
})
