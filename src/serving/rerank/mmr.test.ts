import { describe, expect, it } from 'vitest'
import { Mmr } from './mmr.ts'
import { greedy } from './spread.ts'

const features = Array.from({ length: 12 }, (_, i) => {
  const angle = (((37 * i) % 90) * Math.PI) / 180
  const raw = [Math.cos(angle), Math.sin(angle), 0.3]
  const norm = Math.hypot(...raw)
  return raw.map((x) => x / norm)
})
const relevance = Float64Array.from(features, (_, i) => (1 + 0.1 * ((7 * i) % 12)) / 2.1)
const similarity = (i: number, j: number) => features[i]!.reduce((sum, x, d) => sum + x * features[j]![d]!, 0)

describe('Mmr', () => {
  it.each([
    [1, [5, 10, 3, 8, 1, 6]],
    [0.7, [5, 10, 3, 8, 1, 6]],
    [0.5, [5, 7, 10, 3, 8, 1]],
  ])('gives the golden list at lambda %d', (lambda, list) => {
    expect(greedy(new Mmr(relevance, similarity, lambda, 100), 6)).toEqual(list)
  })

  it('gives the golden list without relevance, where the sixth pick is a tie but for rounding', () => {
    const picks = greedy(new Mmr(relevance, similarity, 0, 100), 6)
    expect(picks.slice(0, 5)).toEqual([0, 7, 1, 4, 3])
    expect([10, 11]).toContain(picks[5])
    expect(similarity(10, 0)).toBeCloseTo(similarity(11, 1), 14)
  })

  it.each([1, 2, 3, 7])('holds a pick against the latest %d only, by the definition', (held) => {
    const picks = greedy(new Mmr(relevance, similarity, 0.5, held), 12)
    const expected: number[] = []
    while (expected.length < 12) {
      const worth = (i: number) =>
        0.5 * relevance[i]! - 0.5 * Math.max(0, ...expected.slice(-held).map((j) => similarity(i, j)))
      const left = Array.from(relevance.keys()).filter((i) => !expected.includes(i))
      expected.push(left.reduce((best, i) => (worth(i) > worth(best) ? i : best)))
    }
    expect(picks).toEqual(expected)
  })
})
