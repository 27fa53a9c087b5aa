import { describe, expect, it } from 'vitest'
import { manualClock, systemClock } from '../../foundation/base/index.ts'
import { faultyScorer } from './faulty.ts'
import { injectionOf, Injector, parseFaults } from './injector.ts'

describe('parseFaults', () => {
  it('reads names with their probability and time, and takes the table for what is not said', () => {
    expect(parseFaults(' features-down , ranker-slow:0.5:80,overload:0.1')).toEqual([
      { fault: 'features-down', probability: 1, ms: 0 },
      { fault: 'ranker-slow', probability: 0.5, ms: 80 },
      { fault: 'overload', probability: 0.1, ms: 20 },
    ])
    expect(parseFaults('')).toEqual([])
  })

  it.each([
    ['no-such', /known are features-slow/],
    ['ranker-slow:2', /above 0 and at most 1/],
    ['ranker-slow:0', /above 0 and at most 1/],
    ['ranker-slow:often', /above 0 and at most 1/],
    ['ranker-slow:1:-1', /0 to 60000/],
    ['ranker-slow:1:1:1', /NAME:PROBABILITY:MS/],
  ])('refuses %s', (text, says) => {
    expect(() => parseFaults(text)).toThrow(says)
  })
})

describe('Injector', () => {
  it('strikes where the table says, and nowhere else', async () => {
    const injector = new Injector(manualClock())
    expect(injector.suffer('fine')).toBeUndefined()
    injector.set([injectionOf('ranker-memory'), injectionOf('features-stale')])
    expect(() => injector.suffer('fine')).toThrow(RangeError)
    expect(injector.suffer('features')).toBe('stale')
    expect(injector.suffer('coarse')).toBeUndefined()
    injector.set([])
    expect(injector.suffer('fine')).toBeUndefined()
  })

  it('strikes as often as it is told', () => {
    const injector = new Injector(manualClock())
    injector.set([injectionOf('ranker-down', 0.3)])
    const struck = Array.from({ length: 4000 }, () => injector.strike('fine')).filter((one) => one !== undefined).length
    expect(Math.abs(struck / 4000 - 0.3)).toBeLessThan(0.03) // four standard errors
  })

  it('waits and burns for the time it is told', async () => {
    const injector = new Injector(systemClock)
    injector.set([injectionOf('ranker-slow', 1, 20), injectionOf('overload', 1, 20)])
    const start = performance.now()
    await injector.suffer('fine')
    const waited = performance.now() - start
    expect(waited).toBeGreaterThanOrEqual(19)
    const began = performance.now()
    expect(injector.suffer('slate')).toBeUndefined() // done when it returns: it does not sleep
    expect(performance.now() - began).toBeGreaterThanOrEqual(19)
  })
})

describe('a scorer with the seam for faults', () => {
  it('says as before whether it is ready and set by hand, whichever it is at the moment', () => {
    const scorer = { name: 'one', byHand: true, ready: false, score: () => undefined }
    const struck = faultyScorer(scorer, 'fine', new Injector(manualClock()))
    expect([struck.byHand, struck.ready]).toEqual([true, false])
    Object.assign(scorer, { byHand: false, ready: true })
    expect([struck.byHand, struck.ready]).toEqual([false, true])
  })
})
