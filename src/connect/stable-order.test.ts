import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stableOrder } from './stable-order.ts'

describe('stableOrder', () => {
  it('equals a stable sort, for keys near and far', () => {
    const near = fc.array(fc.nat(5), { maxLength: 50 })
    const far = fc.array(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), { maxLength: 50 })
    const times = fc.array(fc.integer({ min: 8e11, max: 18e11 }), { maxLength: 50 })
    fc.assert(
      fc.property(fc.oneof(near, far, times), (keys) => {
        const expected = keys.map((_, row) => row).sort((a, b) => keys[a]! - keys[b]! || a - b)
        expect([...stableOrder(keys.length, (row) => keys[row]!)]).toEqual(expected)
      }),
    )
  })
})
