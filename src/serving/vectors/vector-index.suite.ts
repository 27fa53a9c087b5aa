import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { openIndex } from './open-index.ts'
import type { VectorIndex } from './vector-index.ts'

const DIM = 20
const COUNT = 600

/** An index over `rows` with their `vectors` [rows, dim]. */
export type Make = (dim: number, rows: Uint32Array, vectors: Float32Array) => VectorIndex | Promise<VectorIndex>

export interface Plain {
  readonly rows: Uint32Array
  readonly vectors: Float32Array
}

/** Vectors around a few directions, of different lengths; every third row only. */
export function plainVectors(seed: string, count = COUNT, dim = DIM): Plain {
  const random = new Random(seed)
  const centres = Array.from({ length: 12 }, () => Float32Array.from({ length: dim }, () => random.normal()))
  const vectors = new Float32Array(count * dim)
  for (let i = 0; i < count; i++) {
    const centre = random.pick(centres)
    const long = random.between(0.5, 1.5)
    for (let d = 0; d < dim; d++) vectors[i * dim + d] = long * (centre[d] + random.normal(0, 0.4))
  }
  return { rows: Uint32Array.from({ length: count }, (_, i) => i * 3), vectors }
}

/** The truth in double precision: all rows that are let through, by inner product, ties by row. */
export function bruteForce(
  { rows, vectors }: Plain,
  query: Float32Array,
  k: number,
  allow = (_: number): boolean => true,
): { row: number; score: number }[] {
  const dim = query.length
  return Array.from(rows, (row, i) => {
    let score = 0
    for (let d = 0; d < dim; d++) score += query[d] * vectors[i * dim + d]
    return { row, score }
  })
    .filter(({ row }) => allow(row))
    .sort((a, b) => b.score - a.score || a.row - b.row)
    .slice(0, k)
}

/** What every index owes. `recallLeast`: share of the true best 50 that it must find; `near`: error of a score. */
export function vectorIndexSuite(name: string, make: Make, { recallLeast = 1, near = 1e-4 } = {}): void {
  describe(`vector index ${name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'vector-index-'))
    afterAll(() => rmSync(folder, { recursive: true, force: true }))
    const plain = plainVectors('suite')
    const made = () => make(DIM, plain.rows, plain.vectors)
    const queryOf = (seed: string) => {
      const random = new Random(seed)
      return Float32Array.from({ length: DIM }, () => random.normal())
    }

    it('finds the best by inner product, best first, ties by row, each once', async () => {
      const index = await made()
      expect(index.size).toBe(COUNT)
      let hits = 0
      for (let q = 0; q < 20; q++) {
        const query = queryOf(`q${q}`)
        const truth = bruteForce(plain, query, COUNT)
        const scores = new Map(truth.map(({ row, score }) => [row, score]))
        const best = new Set(truth.slice(0, 50).map(({ row }) => row))
        const found = index.search(query, 50)
        expect(found.rows.length).toBe(50)
        expect(new Set(found.rows).size).toBe(50)
        for (let i = 0; i < 50; i++) {
          if (best.has(found.rows[i])) hits++
          expect(Math.abs(found.scores[i] - (scores.get(found.rows[i]) ?? Number.NaN))).toBeLessThan(near * 40)
          if (i === 0) continue
          expect(found.scores[i - 1]).toBeGreaterThanOrEqual(found.scores[i])
          if (found.scores[i - 1] === found.scores[i]) expect(found.rows[i - 1]).toBeLessThan(found.rows[i])
        }
      }
      expect(hits / (20 * 50)).toBeGreaterThanOrEqual(recallLeast)
    })

    it('gives everything when asked for more than there is, and nothing when asked for nothing', async () => {
      const index = await made()
      expect([...index.search(queryOf('all'), COUNT * 2).rows].sort((a, b) => a - b)).toEqual([...plain.rows])
      expect(index.search(queryOf('all'), 0).rows.length).toBe(0)
    })

    it('gives equal scores in the order of rows', async () => {
      const vector = queryOf('same')
      const vectors = new Float32Array(40 * DIM)
      for (let i = 0; i < 40; i++) vectors.set(vector, i * DIM)
      const rows = Uint32Array.from({ length: 40 }, (_, i) => 39 - i)
      const index = await make(DIM, rows, vectors)
      expect([...index.search(vector, 7).rows]).toEqual([0, 1, 2, 3, 4, 5, 6])
    })

    for (const share of [0.5, 0.1, 0.02]) {
      it(`finds enough when ${share * 100} % of the rows are allowed`, async () => {
        const index = await made()
        const random = new Random(`allow ${share}`)
        const allowed = new Set(plain.rows.filter(() => random.chance(share)))
        const query = queryOf('filtered')
        const k = Math.min(30, allowed.size)
        const found = index.search(query, k, { allow: (row) => allowed.has(row) })
        expect(found.rows.length).toBe(k)
        for (const row of found.rows) expect(allowed.has(row)).toBe(true)
        const truth = bruteForce(plain, query, k, (row) => allowed.has(row))
        const hits = truth.filter(({ row }) => found.rows.includes(row)).length
        expect(hits / k).toBeGreaterThanOrEqual(recallLeast)
      })
    }

    it('finds what is put at once, and what is removed never again', async () => {
      const index = await made()
      const query = queryOf('change')
      const [first = 0, second = 0] = index.search(query, 2).rows
      expect(index.remove(first)).toBe(true)
      expect(index.remove(first)).toBe(false)
      expect(index.has(first)).toBe(false)
      expect(index.search(query, 1).rows[0]).toBe(second)
      expect(index.search(query, COUNT).rows).not.toContain(first)
      index.upsert(
        5000,
        query.map((x) => x * 2),
      )
      expect(index.search(query, 1).rows[0]).toBe(5000)
      index.upsert(
        5000,
        query.map((x) => -x),
      ) // it turned round
      expect(index.search(query, COUNT).rows.at(-1)).toBe(5000)
      expect(index.size).toBe(COUNT)
    })

    it('answers the same whatever the order of changes that led there', async () => {
      const random = new Random('churn')
      const index = await made()
      const now = new Map<number, Float32Array>()
      for (const [i, row] of plain.rows.entries()) now.set(row, plain.vectors.slice(i * DIM, (i + 1) * DIM))
      for (let i = 0; i < 900; i++) {
        const row = random.int(COUNT * 3)
        if (random.chance(0.5)) {
          const vector = queryOf(`churn ${i}`).map((x) => x / 2) // of the size of the others
          index.upsert(row, vector)
          now.set(row, vector)
        } else expect(index.remove(row)).toBe(now.delete(row))
      }
      const rows = Uint32Array.from(now.keys()).sort()
      expect([...index.rows()]).toEqual([...rows])
      expect(index.size).toBe(rows.length)
      const vectors = Float32Array.from([...rows].flatMap((row) => [...(now.get(row) ?? [])]))
      const query = queryOf('after')
      const truth = bruteForce({ rows, vectors }, query, rows.length)
      const found = index.search(query, rows.length)
      expect([...found.rows].sort((a, b) => a - b)).toEqual([...rows])
      truth.forEach(({ row, score }) => {
        const place = found.rows.indexOf(row)
        expect(Math.abs(found.scores[place] - score)).toBeLessThan(near * 40)
      })
      const out = new Float32Array(DIM)
      expect(index.read(rows[7], out)).toBe(true)
      out.forEach((x, d) => {
        expect(Math.abs(x - vectors[7 * DIM + d])).toBeLessThan(near * 40)
      })
      expect(index.read(9_999_999, out)).toBe(false)
    })

    it('refuses vectors and queries that are none, and is not changed by them', async () => {
      const index = await made()
      const query = queryOf('before')
      const before = index.search(query, 10)
      const bad = [new Float32Array(DIM), new Float32Array(DIM - 1).fill(1), new Float32Array(DIM).fill(Number.NaN)]
      bad.push(new Float32Array(DIM).fill(Number.POSITIVE_INFINITY))
      for (const vector of bad) {
        expect(() => index.upsert(3, vector)).toThrow(RangeError)
        expect(() => index.search(vector, 3)).toThrow(RangeError)
      }
      expect(() => index.upsert(-1, query)).toThrow(RangeError)
      expect(() => index.search(query, 1.5)).toThrow(RangeError)
      expect(index.search(query, 10)).toEqual(before)
    })

    it('comes back from its file as it was, deltas included', async () => {
      const index = await made()
      index.remove(plain.rows[4])
      index.upsert(7, queryOf('delta'))
      const path = join(folder, 'whole')
      index.save(path, 'toy/000001')
      const opened = openIndex(path, 'toy/000001')
      for (let q = 0; q < 5; q++)
        expect(opened.search(queryOf(`o${q}`), 40)).toEqual(index.search(queryOf(`o${q}`), 40))
      opened.upsert(8, queryOf('more'))
      expect(opened.search(queryOf('more'), COUNT).rows).toContain(8)
      expect(() => openIndex(path, 'toy/000002')).toThrow(/holds vectors of toy\/000001/)
    })

    it('writes equal bytes for equal input', async () => {
      const [a, b] = [join(folder, 'a'), join(folder, 'b')]
      const [one, other] = [await made(), await made()]
      one.save(a, 'toy/1')
      other.save(b, 'toy/1')
      expect(readFileSync(a).equals(readFileSync(b))).toBe(true)
    })

    it('refuses files that are cut short, damaged or something else', async () => {
      const index = await made()
      const path = join(folder, 'damaged')
      index.save(path, 'toy/1')
      const whole = readFileSync(path)
      for (const length of [0, 10, 40, whole.length - 1]) {
        writeFileSync(path, whole)
        truncateSync(path, length)
        expect(() => openIndex(path)).toThrow(expect.objectContaining({ code: 'ERR_INDEX_INVALID' }))
      }
      for (const at of [3, 9, 13, 40, 500, whole.length - 40, whole.length - 3]) {
        const bent = Buffer.from(whole)
        bent[at] = (bent[at] as number) ^ 0x41
        writeFileSync(path, bent)
        expect(() => openIndex(path)).toThrow(expect.objectContaining({ code: 'ERR_INDEX_INVALID' }))
      }
      expect(() => openIndex(join(folder, 'nowhere'))).toThrow(expect.objectContaining({ code: 'ERR_INDEX_INVALID' }))
    })
  })
}
