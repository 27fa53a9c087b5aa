import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { manualClock } from '../base/index.ts'
import { Breaker } from './breaker.ts'

const options = { window: 4, callsMin: 4, shareToOpen: 0.5, coolMs: 100, coolMsMax: 300, probes: 2 }

function fail(breaker: Breaker, times: number) {
  for (let i = 0; i < times; i++) if (breaker.allows()) breaker.failed()
}

describe('Breaker', () => {
  it('opens when half of the window failed, and not before enough calls were seen', () => {
    const breaker = new Breaker(manualClock(), options)
    fail(breaker, 3)
    expect(breaker.state).toBe('closed')
    fail(breaker, 1)
    expect(breaker.state).toBe('open')
    expect(breaker.allows()).toBe(false)
  })

  it('judges the latest calls only', () => {
    const breaker = new Breaker(manualClock(), options)
    const pattern = [1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0] // never two failures among four in a row
    for (const failed of pattern) {
      expect(breaker.allows()).toBe(true)
      if (failed) breaker.failed()
      else breaker.succeeded()
    }
    breaker.failed() // 0, 1, 0, 1
    expect(breaker.state).toBe('open')
  })

  it('probes one call at a time and closes after enough successes in a row', () => {
    const clock = manualClock()
    const breaker = new Breaker(clock, options)
    fail(breaker, 4)
    clock.advance(99)
    expect(breaker.allows()).toBe(false)
    clock.advance(1)
    expect(breaker.state).toBe('half-open')
    expect(breaker.allows()).toBe(true)
    expect(breaker.allows()).toBe(false)
    breaker.succeeded()
    expect(breaker.state).toBe('half-open')
    expect(breaker.allows()).toBe(true)
    breaker.succeeded()
    expect(breaker.state).toBe('closed')
    fail(breaker, 3)
    expect(breaker.state).toBe('closed') // old failures were forgotten
  })

  it('waits twice as long after each probe that fails, up to the bound', () => {
    const clock = manualClock()
    const breaker = new Breaker(clock, options)
    fail(breaker, 4)
    for (const wait of [100, 200, 300, 300]) {
      clock.advance(wait - 1)
      expect(breaker.allows()).toBe(false)
      clock.advance(1)
      expect(breaker.allows()).toBe(true)
      breaker.failed()
    }
  })

  it('ignores answers that come after it opened', () => {
    const breaker = new Breaker(manualClock(), options)
    fail(breaker, 4)
    breaker.succeeded()
    breaker.succeeded()
    expect(breaker.state).toBe('open')
  })

  it('lets at most one probe through per wait, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('ask', 'ok', 'fail', 'wait'), { maxLength: 200 }), (steps) => {
        const clock = manualClock()
        const breaker = new Breaker(clock, options)
        let running = 0
        for (const step of steps) {
          const before = breaker.state
          if (step === 'wait') clock.advance(50)
          else if (step === 'ask') {
            const allowed = breaker.allows()
            if (before === 'open') expect(allowed).toBe(false)
            if (before === 'closed') expect(allowed).toBe(true)
            if (allowed) running++
          } else if (running > 0) {
            running--
            if (step === 'ok') breaker.succeeded()
            else breaker.failed()
          }
          if (before === 'open' && step !== 'wait') expect(breaker.state).toBe('open')
        }
      }),
    )
  })

  it('refuses options that make no sense', () => {
    expect(() => new Breaker(manualClock(), { shareToOpen: 0 })).toThrow(RangeError)
    expect(() => new Breaker(manualClock(), { window: 4, callsMin: 5 })).toThrow(RangeError)
  })
})
