import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY, Random } from '../../foundation/base/index.ts'
import { Admission } from './admission.ts'
import { NO_ID } from './keys/keys.ts'
import { DEFAULT_ROW, PADDING_ROW } from './rows.ts'
import type { SparseOptimiser } from './sparse-optimiser.ts'
import { EmbeddingTable } from './table.ts'

const text = (options: object = {}) => new EmbeddingTable({ name: 'items', dim: 4, ids: 'text', ...options })

describe('ids', () => {
  it('get rows of their own; none gets none', () => {
    const table = text()
    expect([...table.lookup(['a', 'b', 'a', ''], 0)]).toEqual([2, 3, 2, PADDING_ROW])
    expect([...table.find(['b', 'c', ''])]).toEqual([3, DEFAULT_ROW, PADDING_ROW])
    expect(table.size).toBe(2)
    expect([...table.gather(new Uint32Array([PADDING_ROW]))]).toEqual([0, 0, 0, 0])
  })

  it('of 32 and 64 bits are the same numbers', () => {
    const table = new EmbeddingTable({ name: 'users', dim: 4, ids: 'integer' })
    const wide = new BigUint64Array([7n, 7n + (1n << 32n), NO_ID.uint64, 0xffff_ffffn])
    expect([...table.lookup(wide, 0)]).toEqual([2, 3, PADDING_ROW, 4])
    expect([...table.find(new Uint32Array([7, 8, NO_ID.uint32]))]).toEqual([2, DEFAULT_ROW, PADDING_ROW])
    expect(() => table.find(['7'])).toThrow(TypeError)
    expect(() => text().find(new Uint32Array(1))).toThrow(TypeError)
  })

  it('never share a row, whatever they are, and are found again after any removals', () => {
    const id = fc.oneof(fc.string({ unit: 'binary', maxLength: 6 }), fc.constantFrom('ä', 'a', 'Ã¤', '\u{1f600}'))
    const act = fc.record({ ids: fc.array(id, { maxLength: 40 }), forget: fc.boolean() })
    fc.assert(
      fc.property(fc.array(act, { maxLength: 20 }), (acts) => {
        const table = text()
        const known = new Map<string, number>()
        for (const { ids, forget } of acts) {
          if (forget) {
            const there = new Set(ids.filter((one) => known.has(one)))
            expect(table.forget(ids)).toBe(there.size)
            for (const one of ids) known.delete(one)
            continue
          }
          const rows = table.lookup(ids, 0)
          ids.forEach((one, i) => {
            if (one !== '') expect(known.get(one) ?? rows[i]).toBe(rows[i])
            if (one !== '') known.set(one, rows[i])
          })
        }
        expect(new Set(known.values()).size).toBe(known.size)
        expect(table.size).toBe(known.size)
        const ids = [...known.keys()]
        expect([...table.find(ids)]).toEqual([...known.values()])
        for (const [one, row] of known) expect(table.rows.keys.name(row)).toBe(one)
      }),
    )
  })

  it('keeps a hundred thousand integers apart', () => {
    const table = new EmbeddingTable({ name: 'many', dim: 4, ids: 'integer' })
    const ids = BigUint64Array.from({ length: 100_000 }, (_, i) => BigInt(i) * 0x1_0000_0001n)
    const rows = table.lookup(ids, 0)
    expect(rows.every((row, i) => row === i + 2)).toBe(true)
    expect(Buffer.compare(Buffer.from(table.find(ids).buffer), Buffer.from(rows.buffer))).toBe(0)
    expect(table.rows.keys.name(5)).toBe(String(3 * 0x1_0000_0001))
  })
})

describe('fresh vectors', () => {
  it('depend on id and seed, not on the order of arrival', () => {
    const ids = Array.from({ length: 3000 }, (_, i) => `item-${i}`)
    const vectors = (order: string[], seed: number) => {
      const table = text({ seed })
      table.lookup(order, 0)
      return table.gather(table.find(ids)).slice()
    }
    const straight = vectors(ids, 1)
    expect(vectors(new Random(1).shuffle([...ids]), 1)).toEqual(straight)
    expect(vectors(ids, 2)).not.toEqual(straight)
  })

  it.each(['normal', 'uniform'] as const)('are %s with the deviation asked for', (shape) => {
    const table = new EmbeddingTable({ name: 'x', dim: 64, ids: 'integer', initial: { shape, deviation: 0.5 } })
    const vectors = table
      .gather(
        table.lookup(
          Uint32Array.from({ length: 2000 }, (_, i) => i),
          0,
        ),
      )
      .slice()
    const moment = (power: number) => vectors.reduce((sum, x) => sum + x ** power, 0) / vectors.length
    expect(moment(1)).toBeCloseTo(0, 2)
    expect(Math.sqrt(moment(2))).toBeCloseTo(0.5, 2)
    expect(moment(4) / moment(2) ** 2).toBeCloseTo(shape === 'normal' ? 2.7 : 1.8, 1) // kurtosis: 3 - 6/5/4, 9/5
    let along = 0 // neighbours, within a row and between rows, must not be related
    for (let i = 64; i < vectors.length; i++) along += vectors[i] * (vectors[i - 1] + vectors[i - 64])
    expect(along / vectors.length / 0.25).toBeCloseTo(0, 1)
  })
})

describe('admission', () => {
  it('gives a row with the occurrence named, and the default row before', () => {
    const table = text({ admission: { threshold: 3 } })
    expect([...table.lookup(['a', 'a', 'b', 'a', 'a'], 0)]).toEqual([0, 0, 0, 2, 2])
    expect([...table.lookup(['b', 'b'], 0)]).toEqual([0, 3])
    expect([...table.find(['c'])]).toEqual([DEFAULT_ROW])
  })

  it('trains the default row with the ids it stands for', () => {
    const table = text({ admission: { threshold: 200 }, optimiser: { kind: 'sgd', rate: 1 } })
    const before = table.gather(new Uint32Array([DEFAULT_ROW])).slice()
    const rows = table.lookup(['a', 'b', ''], 0)
    table.apply(
      rows,
      Float32Array.from({ length: 12 }, () => 1),
    )
    expect([...table.gather(table.find(['z', ''])).slice()]).toEqual([...before.map((x) => x - 2), ...[0, 0, 0, 0]])
  })

  it('never lets a frequent id wait, and few rare ones in early', () => {
    const table = new EmbeddingTable({ name: 'x', dim: 4, ids: 'integer', admission: { threshold: 3, cells: 1 << 16 } })
    const rare = Uint32Array.from({ length: 20_000 }, (_, i) => 1000 + i)
    const frequent = Uint32Array.from({ length: 100 }, (_, i) => i)
    for (let turn = 0; turn < 3; turn++) table.lookup(frequent, 0)
    expect(table.size).toBe(100)
    table.lookup(rare, 0)
    expect(table.size - 100).toBeLessThan(20)
  })

  it('forgets counts of long ago', () => {
    const admission = new Admission({ threshold: 3, cells: 1 << 10 })
    for (let turn = 0; turn < 2; turn++) expect(admission.admits(7, 70)).toBe(false)
    for (let turn = 2; turn < 2048; turn++) admission.admits(8, 80)
    expect([admission.admits(7, 70), admission.admits(7, 70)]).toEqual([false, true]) // two had become one
  })

  it('stops at the most rows', () => {
    const table = text({ rowsMax: 4 })
    expect([...table.lookup(['a', 'b', 'c'], 0)]).toEqual([2, 3, DEFAULT_ROW])
    table.forget(['a'])
    expect([...table.lookup(['c'], 0)]).toEqual([2])
  })
})

describe('expiry', () => {
  it('takes the rows of ids not met since, and gives the lowest out first, wiped', () => {
    const table = text()
    table.lookup(['a', 'b', 'c', 'd'], 10 * DAY)
    table.lookup(['b'], 20 * DAY)
    table.find(['a']) // finding is not meeting
    expect(table.evict(15 * DAY)).toBe(3)
    expect(table.size).toBe(1)
    expect([...table.find(['a', 'b'])]).toEqual([DEFAULT_ROW, 3])
    expect([...table.gather(new Uint32Array([2, 4]))]).toEqual(new Array(8).fill(0))
    expect([...table.lookup(['e', 'a'], 21 * DAY)]).toEqual([2, 4])
  })

  it('starts an evicted id anew, as if it had never been met', () => {
    const table = text()
    const first = table.gather(table.lookup(['a'], 0)).slice()
    table.apply(table.find(['a']), new Float32Array(4).fill(1))
    expect(table.gather(table.find(['a']))).not.toEqual(first)
    table.evict(DAY)
    expect(table.gather(table.lookup(['a'], DAY))).toEqual(first)
  })

  it('is refused amid a step', () => {
    const table = text()
    table.accumulate(table.lookup(['a'], 0), new Float32Array(4))
    expect(() => table.evict(DAY)).toThrow(/amid a step/)
  })
})

type Trained = Exclude<SparseOptimiser['kind'], 'none'>

/** Tables of plain Maps and float64: what the real one must agree with. */
const references: Record<Trained, (w: number[], s: number[][], g: number[], t: number) => void> = {
  sgd: (w, _s, g) =>
    g.forEach((x, k) => {
      w[k] -= 0.1 * x
    }),
  adagrad: (w, [a], g) =>
    g.forEach((x, k) => {
      a[k] += x * x
      w[k] -= (0.1 * x) / (Math.sqrt(a[k]) + 1e-10)
    }),
  'row-adagrad': (w, [a], g) => {
    a[0] += g.reduce((sum, x) => sum + x * x, 0) / g.length
    g.forEach((x, k) => {
      w[k] -= (0.1 * x) / (Math.sqrt(a[0]) + 1e-10)
    })
  },
  adam: (w, [m, v], g, t) =>
    g.forEach((x, k) => {
      m[k] = 0.9 * m[k] + 0.1 * x
      v[k] = 0.999 * v[k] + 0.001 * x * x
      const size = (0.1 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t)
      w[k] -= (size * m[k]) / (Math.sqrt(v[k]) + 1e-8)
    }),
}

describe.each(['wasm', 'twin'] as const)('a step, %s', (kernels) => {
  it.each(Object.keys(references) as Trained[])('of %s equals a table of Maps', (kind) => {
    const dim = 8
    const table = new EmbeddingTable({ name: 'x', dim, ids: 'integer', optimiser: { kind, rate: 0.1 }, kernels })
    const world = new Map<number, { w: number[]; s: number[][] }>()
    const random = new Random(kind)
    let worst = 0
    for (let t = 1; t <= 30; t++) {
      const ids = Uint32Array.from({ length: 200 }, () => (random.chance(0.1) ? NO_ID.uint32 : random.int(150 * t)))
      const rows = table.lookup(ids, 0)
      const vectors = table.gather(rows).slice()
      ids.forEach((id, i) => {
        if (id === NO_ID.uint32 || world.has(id)) return
        const w = [...vectors.subarray(i * dim, (i + 1) * dim)]
        world.set(id, { w, s: [new Array(dim).fill(0), new Array(dim).fill(0)] })
      })
      ids.forEach((id, i) => {
        const wanted = id === NO_ID.uint32 ? new Array(dim).fill(0) : world.get(id)!.w
        for (let k = 0; k < dim; k++) worst = Math.max(worst, Math.abs(vectors[i * dim + k] - wanted[k]))
      })
      const gradients = Float32Array.from({ length: ids.length * dim }, () => random.normal())
      const sums = new Map<number, number[]>()
      ids.forEach((id, i) => {
        if (id === NO_ID.uint32) return
        const sum = sums.get(id) ?? new Array(dim).fill(0)
        sums.set(
          id,
          sum.map((x, k) => x + gradients[i * dim + k]),
        )
      })
      for (const [id, g] of sums) references[kind](world.get(id)!.w, world.get(id)!.s, g, t)
      const cut = random.int(200) // in two parts, as two gathers of one step would come
      table.accumulate(rows.subarray(0, cut), gradients.subarray(0, cut * dim))
      table.lookup(
        Uint32Array.from({ length: 100 }, (_, i) => 1e6 + t * 100 + i),
        0,
      ) // may grow amid the step
      table.accumulate(rows.subarray(cut), gradients.subarray(cut * dim))
      const norm = [...sums.values()].flat().reduce((sum, x) => sum + x * x, 0)
      expect(table.squares() / norm).toBeCloseTo(1, 5)
      table.step()
    }
    expect(worst).toBeLessThan(2e-5)
  })
})

describe('a step', () => {
  it('of Adagrad is what the hand works out', () => {
    // One id twice, gradients 3 and 1: sum 4, a = 16, w -= 0.1 x 4 / 4. Then 3: a = 25, w -= 0.1 x 3 / 5.
    const table = text({ optimiser: { kind: 'adagrad', rate: 0.1 }, initial: { shape: 'zero', deviation: 0 } })
    const rows = table.lookup(['a', 'a'], 0)
    table.apply(rows, new Float32Array([3, 3, 3, 3, 1, 1, 1, 1]))
    expect(table.gather(table.find(['a']))[0]).toBeCloseTo(-0.1, 6)
    table.apply(rows.subarray(1), new Float32Array(4).fill(3))
    expect(table.gather(table.find(['a']))[3]).toBeCloseTo(-0.16, 6)
  })

  it('refuses a gradient that is not finite, by table and step, and changes nothing', () => {
    const table = text()
    const rows = table.lookup(['a', 'b'], 0)
    table.apply(rows, new Float32Array(8).fill(1))
    const before = table.gather(rows).slice()
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const gradients = new Float32Array(8).fill(1)
      gradients[7] = bad
      expect(() => table.apply(rows, gradients)).toThrow(/table "items" in step 2: a gradient is NaN or infinite/)
    }
    expect(table.gather(rows)).toEqual(before)
    table.apply(rows, new Float32Array(8).fill(1))
    expect(table.steps).toBe(2)
  })

  it('takes no notice of gradients at padding, not even NaN', () => {
    const table = text()
    table.apply(table.lookup(['', 'a'], 0), new Float32Array([NaN, NaN, NaN, NaN, 1, 1, 1, 1]))
    expect(table.gather(table.find(['']))).toEqual(new Float32Array(4))
  })

  it('refuses rows and sizes that do not fit', () => {
    const table = text()
    expect(() => table.gather(new Uint32Array([2]))).toThrow(/row 2 of "items"/)
    expect(() => table.accumulate(new Uint32Array([0]), new Float32Array(8))).toThrow(/wanted 1 x 4/)
    expect(() => text({ dim: 6 })).toThrow(/multiple of 4/)
  })
})
