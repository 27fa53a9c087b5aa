import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseBy, prospectsOf, type Quality } from './choose.ts'
import { worthTrading } from './trade.ts'

/** The default of the objective: 0.5 % of the primary metric for 5 % of a guardrail, so r = 10. */
const trade = { primary: 0.005, guardrail: 0.05 }
const healthy = { primary: 1, guardrail: 1 }
/** Relative changes in percent against `healthy`. */
const changed = (primary: number, guardrail: number) => ({ primary: 1 + primary / 100, guardrail: 1 + guardrail / 100 })

describe('worthTrading', () => {
  it.each([
    // dPrimary %, dGuardrail %, U = dG - 10 max(0, -dP)
    [-0.2, 7, true], // 7 - 2 = 5
    [-0.4, 7, true], // 7 - 4 = 3
    [-0.8, 7, false], // 7 - 8 = -1
    [-0.49, 5, true], // just better than the price
    [-0.51, 5, false],
    [0.1, 6, true], // gains on both sides
    [0.1, 0, false], // nothing gained of the guardrail
    [3, -1, false], // the guardrail is what is bought, never what is paid
  ])('primary %f %%, guardrail %f %%: %s', (primary, guardrail, worth) => {
    expect(worthTrading(healthy, changed(primary, guardrail), trade)).toBe(worth)
  })

  it('gives up nothing when the objective names no price, and everything that is late for anything that is not', () => {
    expect(worthTrading(healthy, changed(-0.001, 50), { primary: 0, guardrail: 0.05 })).toBe(false)
    expect(worthTrading({ primary: 0, guardrail: 0 }, { primary: 0.1, guardrail: 1 }, trade)).toBe(true)
  })
})

const quality = { full: 1, degraded: 0.95, coarse: 0.9 } as Quality
const choose = chooseBy(quality, trade)
const way = (rung: 'full' | 'degraded' | 'coarse', ended: number, succeeded = ended) => ({
  rung,
  chance: { ended, succeeded },
})
const coarse = way('coarse', 1)

describe('chooseBy', () => {
  it('expects of a way what its successes bring, of its failures what the way below brings, of its lateness nothing', () => {
    const [full, degraded] = prospectsOf([way('full', 0.9, 0.6), way('degraded', 1, 0.5), coarse], quality)
    expect(degraded?.primary).toBeCloseTo(0.5 * 0.95 + 0.5 * 0.9, 12)
    expect(full?.primary).toBeCloseTo(0.6 + 0.3 * 0.925, 12)
    expect(full?.guardrail).toBeCloseTo(0.9, 12)
  })

  it('stays at the best while it is in time, also when it fails now and then: what fails is caught below', () => {
    expect(choose([way('full', 1), coarse])).toBe(0)
    expect(choose([way('full', 1, 0.3), coarse])).toBe(0)
  })

  it('goes down when too many would be late, and not a step further than it must', () => {
    // 8 % late: 0.92 against 0.9 costs 2.2 % of the primary metric for 8.7 % of slates in time: too dear.
    expect(choose([way('full', 0.92), coarse])).toBe(0)
    // 9.5 % late: 0.905 against 0.9 costs 0.55 % for 10.5 %: worth it.
    expect(choose([way('full', 0.905), coarse])).toBe(1)
    expect(choose([way('full', 0.5), way('degraded', 1), coarse])).toBe(1)
    expect(choose([way('full', 0.5), way('degraded', 0.5), coarse])).toBe(2)
  })

  it('never chooses a way that is late more often than the one it leaves', () => {
    const chance = fc
      .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([ended, share]) => ({ ended, succeeded: ended * share }))
    fc.assert(
      fc.property(chance, chance, (full, degraded) => {
        const ways = [{ rung: 'full' as const, chance: full }, { rung: 'degraded' as const, chance: degraded }, coarse]
        const prospects = prospectsOf(ways, quality)
        const chosen = prospects[choose(ways)]
        expect(chosen?.guardrail).toBeGreaterThanOrEqual(prospects[0]?.guardrail ?? 0)
      }),
    )
  })
})
