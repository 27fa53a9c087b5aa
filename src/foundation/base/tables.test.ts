import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Documents } from './documents.ts'
import { IdTable } from './id-table.ts'
import { Lists } from './lists.ts'
import { Marks } from './marks.ts'
import { PairTable } from './pair-table.ts'
import { bytesOf, visitArrays } from './shelf.ts'
import { TopK } from './top-k.ts'

describe('IdTable', () => {
  it('behaves like a map from ids to rows, with ids forgotten in between', () => {
    const texts = fc.oneof(
      fc.string({ minLength: 1, maxLength: 6, unit: 'binary' }),
      fc.constantFrom('\0', '\0\u00e9', '\0a'),
    )
    const step = fc.record({ id: texts, forget: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const table = new IdTable()
        const model = new Map<string, number>()
        let rows = 0
        for (const { id, forget } of steps) {
          if (/\p{Surrogate}/u.test(id)) continue
          if (forget) {
            table.forget(id)
            model.delete(id)
          } else {
            const row = table.row(id)
            if (!model.has(id)) model.set(id, rows++)
            expect(row).toBe(model.get(id))
          }
        }
        for (const [id, row] of model) {
          expect(table.find(id)).toBe(row)
          expect(table.name(row)).toBe(id)
        }
        expect(table.size).toBe(rows)
      }),
    )
  })

  it('keeps 20 000 ids apart and finds none that was not added', () => {
    const table = new IdTable()
    for (let i = 0; i < 20_000; i++) expect(table.row(`item-${i}`)).toBe(i)
    for (let i = 0; i < 20_000; i++) expect(table.find(`item-${i}`)).toBe(i)
    expect(table.find('item-20000')).toBe(-1)
  })

  it('leaves no byte of a forgotten id and gives its name as empty', () => {
    const table = new IdTable()
    const row = table.row('ada@example.org')
    table.row('bob')
    table.forget('ada@example.org')
    expect(table.find('ada@example.org')).toBe(-1)
    expect(table.name(row)).toBe('')
    expect(table.row('ada@example.org')).toBe(2)
  })
})

describe('Lists', () => {
  it('behaves like an array per row with a limit that drops the oldest', () => {
    const operation = fc.record({
      row: fc.integer({ min: 0, max: 5 }),
      kind: fc.constantFrom('push', 'remove', 'pop', 'clear', 'assign'),
      value: fc.integer({ min: 0, max: 9 }),
    })
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const lists = new Lists(13)
        const model: number[][] = Array.from({ length: 6 }, () => [])
        for (const { row, kind, value } of operations) {
          const list = model[row] as number[]
          if (kind === 'push') {
            lists.push(row, value)
            list.push(value)
            if (list.length > 13) list.shift()
          } else if (kind === 'remove') {
            const at = list.indexOf(value)
            expect(lists.remove(row, value)).toBe(at >= 0)
            if (at >= 0) list.splice(at, 1)
          } else if (kind === 'pop') {
            lists.pop(row)
            list.pop()
          } else if (kind === 'clear') {
            lists.clear(row)
            list.length = 0
          } else {
            lists.assign(row, [value, value, value])
            model[row] = [value, value, value]
          }
        }
        model.forEach((list, row) => {
          expect([...lists.view(row)]).toEqual(list)
          expect(lists.includes(row, 4)).toBe(list.includes(4))
        })
      }),
    )
  })
})

describe('an IdTable that grows', () => {
  it('forgets ids of either place, and keeps the others', () => {
    const table = new IdTable()
    for (let n = 0; n < 520; n++) expect(table.row(`id-${n}`)).toBe(n) // it grew at 513, and has moved some
    for (let n = 0; n < 520; n += 2) table.forget(`id-${n}`)
    for (let n = 0; n < 520; n++) expect(table.find(`id-${n}`)).toBe(n % 2 === 0 ? -1 : n)
    for (let n = 0; n < 260; n++) expect(table.row(`id-${2 * n}`)).toBe(520 + n)
    for (let n = 0; n < 520; n++) expect(table.find(`id-${n}`)).toBe(n % 2 === 0 ? 520 + n / 2 : n)
    for (let n = 780; n < 50_000; n++) expect(table.row(`id-${n}`)).toBe(n)
    for (let n = 780; n < 50_000; n += 7) expect(table.find(`id-${n}`)).toBe(n)
  })
})

describe('PairTable', () => {
  it('behaves like a map of pairs through growth and removal', () => {
    const step = fc.record({ a: fc.nat(50), b: fc.nat(50), remove: fc.nat(4).map((n) => n === 0) })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1000, maxLength: 3000 }), (steps) => {
        const table = new PairTable()
        const model = new Map<string, number>()
        for (const { a, b, remove } of steps) {
          if (remove) {
            expect(table.remove(a, b)).toBe(model.get(`${a}:${b}`) ?? -1)
            model.delete(`${a}:${b}`)
          } else model.set(`${a}:${b}`, table.slot(a, b))
        }
        expect(table.size).toBe(model.size)
        expect(new Set(model.values()).size).toBe(model.size)
        for (const [pair, slot] of model) {
          const [a, b] = pair.split(':').map(Number) as [number, number]
          expect(table.find(a, b)).toBe(slot)
        }
        const seen: string[] = []
        table.each((a, b) => seen.push(`${a}:${b}`))
        expect(seen.sort()).toEqual([...model.keys()].sort())
      }),
      { numRuns: 50 },
    )
  })
})

describe('a PairTable that grows', () => {
  /** Cells moved so far, and cells that are left behind. */
  const state = (table: PairTable) => {
    const seen = new Map<string, ArrayLike<number>>()
    visitArrays(table, {
      array(path, held) {
        seen.set(path, held)
        return held
      },
    })
    const [moved, leaving] = ['moved/value', 'leaving'].map(
      (end) => [...seen].find(([path]) => path.endsWith(end))?.[1],
    )
    return { moved: moved?.[0] ?? Number.NaN, leaving: leaving?.length ?? Number.NaN }
  }

  it('moves a few cells with each new pair, and all of them before it grows again', () => {
    const table = new PairTable()
    let growths = 0
    for (let n = 0, before = state(table); n < 40_000; n++) {
      expect(table.slot(n % 400, Math.floor(n / 400))).toBe(n)
      const now = state(table)
      if (now.leaving > before.leaving) {
        growths++
        expect(before.leaving).toBe(1)
        expect(now.moved).toBe(0)
      } else expect(now.moved - before.moved).toBeLessThanOrEqual(16)
      before = now
    }
    expect(growths).toBe(7) // 1024 cells hold 512 pairs, 131,072 hold 40,000
    for (let n = 0; n < 40_000; n++) expect(table.find(n % 400, Math.floor(n / 400))).toBe(n)
  })

  it('forgets pairs of either place, and gives their slots to new ones', () => {
    const table = new PairTable()
    for (let n = 0; n < 520; n++) table.slot(n, 1) // it grew at 513, and has moved some
    expect(state(table).leaving).toBe(1024)
    for (let n = 0; n < 520; n += 2) expect(table.remove(n, 1)).toBe(n)
    for (let n = 0; n < 520; n++) expect(table.find(n, 1)).toBe(n % 2 === 0 ? -1 : n)
    const reused = Array.from({ length: 260 }, (_, n) => table.slot(n, 2))
    expect(reused.sort((a, b) => a - b)).toEqual(Array.from({ length: 260 }, (_, n) => 2 * n))
    for (let n = 0; n < 520; n++) expect(table.find(n, 1)).toBe(n % 2 === 0 ? -1 : n)
    expect(state(table).leaving).toBe(1)
  })
})

describe('TopK', () => {
  it('equals sorting everything by score, then row', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 60 })
    fc.assert(
      fc.property(scores, fc.nat(20), (values, k) => {
        const top = new TopK(k)
        const offered = values.map((score, row) => ({ row, score }))
        for (const { row, score } of [...offered].reverse()) top.offer(row, score)
        const best = offered.sort((x, y) => y.score - x.score || x.row - y.row).slice(0, k)
        const { rows, scores: kept } = top.take()
        expect([...rows]).toEqual(best.map((one) => one.row))
        expect([...kept]).toEqual(best.map((one) => one.score))
        expect(top.size).toBe(0)
      }),
    )
  })

  it('refuses NaN', () => {
    const top = new TopK(2)
    top.offer(1, Number.NaN)
    top.offer(2, 1)
    expect([...top.take().rows]).toEqual([2])
  })
})

describe('Documents', () => {
  it('gives back the latest of each row through packing', () => {
    const documents = new Documents<{ text: string }>()
    const model = new Map<number, string>()
    for (let step = 0; step < 3000; step++) {
      const row = (step * 7919) % 97
      if (step % 5 === 4) {
        documents.remove(row)
        model.delete(row)
      } else {
        const text = `${step}`.repeat(1 + (step % 40))
        documents.put(row, { text })
        model.set(row, text)
      }
    }
    for (let row = 0; row < 97; row++) expect(documents.get(row)?.text).toBe(model.get(row))
    expect(bytesOf(documents)).toBeLessThan(200_000)
  })
})

describe('Marks', () => {
  it('forgets everything at once', () => {
    const marks = new Marks()
    marks.clear()
    marks.add(5000)
    expect(marks.has(5000)).toBe(true)
    expect(marks.has(4999)).toBe(false)
    marks.clear()
    expect(marks.has(5000)).toBe(false)
  })
})
