import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Documents } from './documents.ts'
import { IdTable } from './id-table.ts'
import { Lists } from './lists.ts'
import { Marks } from './marks.ts'
import { PairTable } from './pair-table.ts'
import { bytesOf } from './shelf.ts'
import { TopK } from './top-k.ts'

describe('IdTable', () => {
  it('behaves like a map from ids to rows, with ids forgotten in between', () => {
    const step = fc.record({ id: fc.string({ minLength: 1, maxLength: 6, unit: 'binary' }), forget: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const table = new IdTable()
        const model = new Map<string, number>()
        let rows = 0
        for (const { id, forget } of steps) {
          if (/\p{Surrogate}/u.test(id) || id.includes('\0')) continue
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

describe('PairTable', () => {
  it('behaves like a map of pairs through growth and removal', () => {
    const step = fc.record({ a: fc.nat(30), b: fc.nat(30), remove: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 1200 }), (steps) => {
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
