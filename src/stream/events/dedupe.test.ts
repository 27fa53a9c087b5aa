import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOf } from '../../foundation/base/index.ts'
import { Dedupe } from './dedupe.ts'

describe('the memory of event ids', () => {
  it('tells what a set tells while the window holds', () => {
    // Often more than the 512 that it begins with, so that ids are forgotten while it moves to larger tables.
    const id = fc.integer({ min: 0, max: 2000 }).map((n) => `event-${n}`)
    const step = fc.record({ id, forget: fc.nat(4).map((n) => n === 0) })
    fc.assert(
      fc.property(fc.array(step, { minLength: 700, maxLength: 3000 }), (steps) => {
        const dedupe = new Dedupe(3000)
        const set = new Set<string>()
        for (const { id, forget } of steps) {
          if (forget) {
            dedupe.forget(id)
            set.delete(id)
          } else {
            expect(dedupe.add(id)).toBe(!set.has(id))
            set.add(id)
          }
        }
        for (let n = 0; n <= 2000; n++) expect(dedupe.has(`event-${n}`)).toBe(set.has(`event-${n}`))
      }),
      { numRuns: 60 },
    )
  })

  it('remembers at least the latest window of ids, and at most two', () => {
    const window = 500
    const dedupe = new Dedupe(window)
    for (let n = 0; n < 20_000; n++) {
      expect(dedupe.add(`id-${n}`)).toBe(true)
      if (n % 777 !== 776) continue
      for (let back = 0; back < window; back++) expect(dedupe.has(`id-${n - back}`)).toBe(true)
      expect(dedupe.has(`id-${n - 2 * window}`)).toBe(false)
    }
  })

  it('does not grow with the stream', () => {
    const dedupe = new Dedupe(1000)
    for (let n = 0; n < 5000; n++) dedupe.add(`a${n}`)
    const bytes = bytesOf(dedupe)
    for (let n = 0; n < 50_000; n++) dedupe.add(`b${n}`)
    expect(bytesOf(dedupe)).toBe(bytes)
  })

  // A 64-bit hash would show a false duplicate in about 10^12 / 2^65 of such runs; one with weak lanes shows many.
  it.each([
    ['counters', (n: number) => `e${n}`],
    ['grids', (n: number) => `u${n % 1000}-i${Math.floor(n / 1000)}`],
    ['padded hex', (n: number) => (n * 2 ** 20).toString(16).padStart(32, '0')],
    ['long tails', (n: number) => `${'x'.repeat(n % 90)}${n}`],
  ])('never takes one id for another: %s', (_, name) => {
    const dedupe = new Dedupe(1_000_000)
    let wrong = 0
    for (let n = 0; n < 300_000; n++) if (!dedupe.add(name(n))) wrong++
    expect(wrong).toBe(0)
  })

  it('refuses a window that is none', () => {
    expect(() => new Dedupe(0)).toThrow(RangeError)
  })
})
