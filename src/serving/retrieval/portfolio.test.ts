import { describe, expect, it } from 'vitest'
import { Portfolio, SLATES_LEAST } from './portfolio.ts'

const names = ['slim', 'popular', 'idle']
const ok = (name: string, ms: number, count: number) => ({ name, status: 'ok' as const, ms, count })

describe('Portfolio', () => {
  it('accounts for every source by hand', () => {
    const portfolio = new Portfolio()
    portfolio.observeSlate({
      sources: [ok('slim', 2, 30), ok('popular', 1, 20), { name: 'idle', status: 'late', ms: 9, count: 0 }],
      rankedMasks: Uint32Array.of(0b001, 0b011, 0b010, 0b010),
      servedMasks: Uint32Array.of(0b001, 0b011, 0),
      sourceNames: names,
    })
    portfolio.observeSlate({
      sources: [ok('slim', 4, 10), { name: 'popular', status: 'failed', ms: 3, count: 0 }],
      rankedMasks: [0b001],
      servedMasks: [0b001],
      sourceNames: ['slim', 'popular'],
    })
    portfolio.observeClick(0b011, names)
    portfolio.observeClick(0b001, names)
    const { slates, rows } = portfolio.report()
    expect(slates).toBe(2)
    const of = (source: string) => rows.find((row) => row.source === source)
    expect(of('slim')).toMatchObject({
      retrieved: 40,
      ranked: 3,
      served: 3,
      clicked: 2,
      unique: 2,
      uniqueClicked: 1,
      msMean: 3,
      msMax: 4,
      late: 0,
      failed: 0,
    })
    expect(of('popular')).toMatchObject({ retrieved: 20, ranked: 3, served: 1, clicked: 1, unique: 0, failed: 1 })
    expect(of('idle')).toMatchObject({ retrieved: 0, served: 0, late: 1, msMax: 9 })
    expect(rows[0]?.source).toBe('slim')
    expect(of('slim')?.verdict).toContain('too early')
  })

  it('judges after enough slates: what adds nothing, what costs too much, what is always late', () => {
    const portfolio = new Portfolio()
    const sourceNames = ['good', 'fair', 'dear', 'shadow', 'slow']
    for (let n = 0; n < SLATES_LEAST; n++) {
      portfolio.observeSlate({
        sources: [
          ok('good', 1, 10),
          ok('fair', 1, 10),
          ok('dear', 100, 10),
          ok('shadow', 1, 10),
          { name: 'slow', status: 'late', ms: 1, count: 0 },
        ],
        rankedMasks: [],
        servedMasks: [0b00001, 0b00010, 0b00100, 0b01001],
        sourceNames,
      })
      if (n % 10 === 0)
        for (const mask of [0b00001, 0b00010, 0b00100, 0b01001]) portfolio.observeClick(mask, sourceNames)
    }
    // 100 slates of 1000 were clicked: once per millisecond and ten slates; the shadow brings nothing of its own.
    const { good, dear, shadow } = portfolio.worths()
    expect([good, dear, shadow]).toEqual([0.1, 0.001, 0])
    const verdicts = Object.fromEntries(portfolio.report().rows.map(({ source, verdict }) => [source, verdict]))
    expect(verdicts['good']).toBe('earns its budget')
    expect(verdicts['fair']).toBe('earns its budget')
    expect(verdicts['dear']).toMatch(/a tenth of the median/)
    expect(verdicts['shadow']).toMatch(/no other source proposed/)
    expect(verdicts['slow']).toMatch(/late or failed on 1000/)
  })
})
