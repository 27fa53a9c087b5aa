import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { manualClock } from '../base/index.ts'
import { Breaker, type Call } from './breaker.ts'

const options = { window: 4, callsMin: 4, shareToOpen: 0.5, coolMs: 100, coolMsMax: 300, probes: 2 }

function fail(breaker: Breaker, times: number) {
  for (let i = 0; i < times; i++) breaker.enter()?.failed()
}

describe('Breaker', () => {
  it('opens when half of the window failed, and not before enough calls were seen', () => {
    const breaker = new Breaker(manualClock(), options)
    fail(breaker, 3)
    expect(breaker.state).toBe('closed')
    fail(breaker, 1)
    expect(breaker.state).toBe('open')
    expect(breaker.enter()).toBeUndefined()
  })

  it('judges the latest calls only', () => {
    const breaker = new Breaker(manualClock(), options)
    const pattern = [1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0] // never two failures among four in a row
    for (const failed of pattern) {
      const call = breaker.enter()
      expect(call).toBeDefined()
      if (failed) call?.failed()
      else call?.succeeded()
    }
    breaker.enter()?.failed() // 0, 1, 0, 1
    expect(breaker.state).toBe('open')
  })

  it('probes one call at a time and closes after enough successes in a row', () => {
    const clock = manualClock()
    const breaker = new Breaker(clock, options)
    fail(breaker, 4)
    clock.advance(99)
    expect(breaker.enter()).toBeUndefined()
    clock.advance(1)
    expect(breaker.state).toBe('half-open')
    const probe = breaker.enter()
    expect(probe).toBeDefined()
    expect(breaker.enter()).toBeUndefined()
    probe?.succeeded()
    expect(breaker.state).toBe('half-open')
    breaker.enter()?.succeeded()
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
      expect(breaker.enter()).toBeUndefined()
      clock.advance(1)
      const probe = breaker.enter()
      expect(probe).toBeDefined()
      probe?.failed()
    }
  })

  it('takes no answer to a call from before it opened for that to a probe', () => {
    const clock = manualClock()
    const breaker = new Breaker(clock, options)
    const late = Array.from({ length: 4 }, () => breaker.enter())
    fail(breaker, 4)
    late[0]?.succeeded()
    expect(breaker.state).toBe('open')
    clock.advance(100)
    const probe = breaker.enter()
    late[1]?.succeeded()
    late[2]?.succeeded()
    expect([breaker.state, breaker.enter()]).toEqual(['half-open', undefined])
    late[3]?.failed()
    expect(breaker.state).toBe('half-open')
    probe?.succeeded()
    breaker.enter()?.succeeded()
    expect(breaker.state).toBe('closed')
  })

  it('counts a call once, whatever is told of it afterwards', () => {
    const breaker = new Breaker(manualClock(), options)
    const call = breaker.enter()
    for (let i = 0; i < 4; i++) call?.failed()
    call?.succeeded()
    fail(breaker, 2)
    expect(breaker.state).toBe('closed')
  })

  it('lets at most one probe through per wait, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('ask', 'ok', 'fail', 'wait'), { maxLength: 200 }), (steps) => {
        const clock = manualClock()
        const breaker = new Breaker(clock, options)
        const running: Call[] = []
        for (const step of steps) {
          const before = breaker.state
          if (step === 'wait') clock.advance(50)
          else if (step === 'ask') {
            const call = breaker.enter()
            if (before === 'open') expect(call).toBeUndefined()
            if (before === 'closed') expect(call).toBeDefined()
            if (call) running.push(call)
          } else if (step === 'ok') running.shift()?.succeeded()
          else running.shift()?.failed()
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
