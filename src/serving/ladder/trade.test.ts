import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Way } from '../pipeline/index.ts'
import { chooseBy, prospectOf } from './choose.ts'
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

const worths = { full: 1, degraded: 0.95, coarse: 0.9 }
const choose = chooseBy(trade)
const way = (rung: keyof typeof worths, ended: number, succeeded = ended, worth = worths[rung]): Way => ({
  ...{ rung, worth },
  chance: { ended, succeeded },
})
const coarse = way('coarse', 1)

describe('chooseBy', () => {
  it('expects of a way what its successes bring, of its failures what the way below brings, of its lateness nothing', () => {
    const below = [way('degraded', 1, 0.5), coarse]
    expect(prospectOf(below, trade).primary).toBeCloseTo(0.5 * 0.95 + 0.5 * 0.9, 12)
    const { primary, guardrail } = prospectOf([way('full', 0.95, 0.9), ...below], trade)
    expect(primary).toBeCloseTo(0.9 + 0.05 * 0.925, 12)
    expect(guardrail).toBeCloseTo(0.95, 12)
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

  it('goes past what is worth less than what costs less, and no more in time', () => {
    const poor = way('degraded', 1, 1, 0.79)
    const lists = way('coarse', 1, 1, 0.98)
    expect(choose([way('full', 1, 0), poor, lists])).toBe(0) // fails and falls on the better: no reason to give it up
    expect(choose([way('full', 0.5), poor, lists])).toBe(2)
    expect(choose([poor, lists])).toBe(1)
    expect(choose([poor, way('coarse', 1, 1, 0.79)])).toBe(0) // worth as much: stays
    expect(prospectOf([way('full', 1, 0.5), poor, lists], trade).primary).toBeCloseTo(0.5 + 0.5 * 0.98, 12)
  })

  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const some = fc.tuple(share, share, share).map(([ended, part, worth]) => way('degraded', ended, ended * part, worth))
  const sure = share.map((worth) => way('coarse', 1, 1, worth))

  it('takes what is worth most, the first of equals, when all are certain', () => {
    fc.assert(
      fc.property(fc.array(sure, { minLength: 1, maxLength: 6 }), (ways) => {
        const most = Math.max(...ways.map(({ worth }) => worth))
        const chosen = choose(ways)
        expect(ways[chosen]?.worth).toBeCloseTo(most, 8)
        expect(ways.slice(0, chosen).every(({ worth }) => worth < most)).toBe(true)
      }),
    )
  })

  it('never chooses a way that costs more than another and promises less', () => {
    fc.assert(
      fc.property(fc.array(some, { maxLength: 5 }), sure, (upper, last) => {
        const ways = [...upper, last]
        const chosen = prospectOf(ways, trade)
        for (let i = choose(ways) + 1; i < ways.length; i++) {
          const { primary, guardrail } = prospectOf(ways.slice(i), trade)
          expect(primary > chosen.primary + 1e-8 && guardrail >= chosen.guardrail).toBe(false)
        }
      }),
    )
  })

  it('never chooses a way that is late more often than the one it leaves', () => {
    fc.assert(
      fc.property(some, some, sure, (full, degraded, last) => {
        const ways = [full, degraded, last]
        if (choose(ways) > 0) expect(prospectOf(ways, trade).guardrail).toBeGreaterThanOrEqual(full.chance.ended - 1e-8)
      }),
    )
  })
})
