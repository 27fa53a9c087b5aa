import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { manualClock } from '../base/index.ts'
import { Congestion } from './congestion.ts'

describe('Congestion', () => {
  it('never flips faster than its interval, whatever the waits', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 300 }), (waits) => {
        const clock = manualClock()
        const congestion = new Congestion(clock, { targetMs: 20, intervalMs: 100 })
        let before = false
        let flippedAt = Number.NEGATIVE_INFINITY
        for (const wait of waits) {
          clock.advance(10)
          const standing = congestion.note(wait)
          if (standing === before) continue
          expect(clock.ticks() - flippedAt).toBeGreaterThanOrEqual(100)
          flippedAt = clock.ticks()
          before = standing
        }
      }),
    )
  })

  it('refuses options that make no sense', () => {
    expect(() => new Congestion(manualClock(), { targetMs: 0, intervalMs: 100 })).toThrow(RangeError)
    expect(() => new Congestion(manualClock(), { targetMs: 20, intervalMs: -1 })).toThrow(RangeError)
  })
})
