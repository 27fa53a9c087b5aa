import { describe, expect, it } from 'vitest'
import { Random } from '../../../foundation/base/index.ts'
import { bruteForce, plainVectors, vectorIndexSuite } from '../vector-index.suite.ts'
import { buildIvf } from './build.ts'
import { codingOf } from './coding.ts'
import { IvfIndex } from './ivf.ts'
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

  it('has cells for those who ask: where their queries do not look, vectors may differ', async () => {
    // What sets items apart fills 24 of 32 dimensions, and viewers ask about the 8 others.
    const random = new Random('asked')
    const asked = (count: number) =>
      Float32Array.from({ length: count * dim }, (_, i) => random.normal() * (i % dim < 8 ? 1 : 0.02))
    const vectors = Float32Array.from({ length: 6000 * dim }, (_, i) => random.normal() * (i % dim < 8 ? 0.3 : 1))
    const input = { dim, rows: plain.rows, vectors }
    const queries = asked(200)
    const forThem = await buildIvf(input, { recall: 0.95, queries })
    const fresh = asked(40)
    const truth = await truthOf(input.rows, vectors, fresh, dim, 600)
    expect(recallOf(forThem, fresh, truth)).toBeGreaterThan(0.93)
    expect(forThem.probes).toBeLessThanOrEqual(forThem.shape.cells / 2)
    const plainly = await buildIvf(input, { recall: 0.95 })
    plainly.probes = forThem.probes
    expect(recallOf(plainly, fresh, truth)).toBeLessThan(0.75)
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

  it('keeps what changes where it is when there is no room where it belongs', () => {
    const axis = (d: number) => Float32Array.from({ length: 16 }, (_, i) => (i === d ? 1 : 0))
    const axes = Float32Array.of(...axis(0), ...axis(1))
    const coding = codingOf(axes, 16)
    const shape = { dim: 16, cells: 2, capacities: [2, 1, 0], coding, probes: 2, searchers: 1 }
    const index = IvfIndex.make(shape, axes, { pulls: axes, bars: new Float32Array(2) })
    index.upsert(7, axis(0))
    index.upsert(8, axis(1))
    index.upsert(7, axis(1)) // belongs to the cell of 8, which is full, and there is no delta
    expect([...index.search(axis(1), 5).rows]).toEqual([7, 8])
    expect(index.size).toBe(2)
    expect(() => index.upsert(9, axis(1))).toThrow(expect.objectContaining({ code: 'ERR_INDEX_FULL' }))
    expect(index.remove(7)).toBe(true)
    expect([...index.search(axis(1), 5).rows]).toEqual([8])
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

  it('finds the best of vectors that have much in common, which one scale from zero would blur', async () => {
    const [dim, n] = [32, 4000]
    const random = new Random('in common')
    // All point about the same way; they differ by a fiftieth, in one dimension by a tenth of that.
    const vectors = Float32Array.from({ length: n * dim }, (_, i) => 1 + random.normal(0, i % dim === 3 ? 0.002 : 0.02))
    const rows = Uint32Array.from({ length: n }, (_, row) => row)
    const index = await buildIvf({ dim, rows, vectors }, { cells: 1 })
    const queries = Float32Array.from({ length: 20 * dim }, () => 1 + random.normal())
    const truth = Array.from({ length: 20 }, (_, q) =>
      Uint32Array.from(bruteForce({ rows, vectors }, queries.subarray(q * dim, (q + 1) * dim), 400), ({ row }) => row),
    )
    expect(recallOf(index, queries, truth)).toBeGreaterThan(0.95)
    const [best] = bruteForce({ rows, vectors }, queries.subarray(0, dim), 1)
    expect(index.search(queries.subarray(0, dim), 1).scores[0]).toBeCloseTo(best?.score as number, 1)
  })

  it('is coded the same when it is made anew from its own codes', async () => {
    const first = await buildIvf({ dim, ...plain }, { cells: 4 })
    const vectors = new Float32Array(plain.vectors.length)
    const readInto = (index: typeof first) =>
      plain.rows.forEach((row, i) => void index.read(row, vectors.subarray(i * dim, (i + 1) * dim)))
    readInto(first)
    const once = vectors.slice()
    readInto(
      await buildIvf({ dim, rows: plain.rows, vectors: once.subarray(0) }, { cells: 7, coding: first.shape.coding }),
    )
    expect(vectors).toEqual(once)
  })

  it('gives every vector another row, all at once', async () => {
    const index = await buildIvf({ dim, ...plain })
    const query = plain.vectors.slice(0, dim)
    const before = index.search(query, 50)
    const rowOf = new Int32Array(Math.max(...plain.rows) + 1).fill(-1)
    for (const row of plain.rows) rowOf[row] = row === before.rows[3] ? -1 : 20_000 - row // their order turns round
    index.renumber(rowOf)
    const after = index.search(query, 49)
    const expected = [...before.rows].filter((_, i) => i !== 3).map((row) => 20_000 - row)
    expect(new Set(after.rows)).toEqual(new Set(expected))
    expect(index.size).toBe(plain.rows.length - 1)
    expect(index.remove(expected[0] as number)).toBe(true)
    expect(index.search(query, 1).rows[0]).not.toBe(expected[0])
  })
})
