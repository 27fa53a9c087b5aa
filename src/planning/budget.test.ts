import { describe, expect, it } from 'vitest'
import { completeConfig, profileOf } from '../domain/index.ts'
import type { Buckets } from '../foundation/telemetry/index.ts'
import { budgetLines, quantileEach, quantileOfSum, slowestOf, worksheet } from './budget.ts'

describe('the latency budget', () => {
  const even = (low: number, high: number): Buckets => ({
    bounds: [low, high, Number.POSITIVE_INFINITY],
    counts: [0, 1000, 0],
    sum: 500 * (low + high),
    count: 1000,
  })

  const profile = (name: string) => profileOf(completeConfig({ budgets: { profile: name } }))
  const published = budgetLines(profile('100ms'))

  it('is the published worksheet of 100 ms by default', () => {
    expect(published.map(({ layer, budgetMs }) => [layer, budgetMs])).toEqual([
      ['network', 10],
      ['retrieve', 15],
      ['coarse', 10],
      ['features', 25],
      ['fine', 20],
      ['rerank', 10],
      ['serialise', 5],
      ['margin', 5],
    ])
    expect(worksheet(published).budgetMs).toBe(100)
    expect(worksheet(published).sum).toBeUndefined()
  })

  it('comes to 50 ms with the profile of that name', () => {
    expect(worksheet(budgetLines(profile('50ms'))).budgetMs).toBe(50)
  })

  it('adds means, and brackets the 99th percentile of the sum', () => {
    const { lines, sum, spare } = worksheet(published, { fine: even(0, 0.1), rerank: even(0, 0.1) })
    expect(lines.find(({ layer }) => layer === 'fine')).toMatchObject({ mean: 50, p99: 99, over: true })
    expect(sum?.mean).toBeCloseTo(100, 9)
    expect(sum?.p99Together).toBeCloseTo(198, 9)
    expect(sum?.p99Apart).toBeCloseTo(200 - 100 * Math.sqrt(0.02), 0) // the sum of two even ones is triangular
    expect(spare).toBeUndefined()
  })

  it('keeps the sum of one layer what it is', () => {
    expect(quantileOfSum([even(0.01, 0.02)], 0.5)).toBeCloseTo(15, 1)
  })

  it('knows what parallel calls do: of a hundred that are slow once in a hundred, 63 % of requests meet one', () => {
    expect(slowestOf(0.01, 100)).toBeCloseTo(0.634, 3)
    expect(quantileEach(0.99, 100)).toBeCloseTo(0.9998995, 7)
    expect(slowestOf(1 - quantileEach(0.99, 30), 30)).toBeCloseTo(0.01, 12)
  })

  it('shows measured layers that have no budget', () => {
    const { lines } = worksheet(published, { sweep: even(0, 0.001) })
    expect(lines.at(-1)).toMatchObject({ layer: 'sweep', budgetMs: 0, over: false })
  })
})
