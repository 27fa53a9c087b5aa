import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { createReranker } from './reranker.ts'
import { scene, type Thing } from './testing/scene.ts'

/** Draws what it is told, and notes how many choices there were: for going through all lots. */
class Scripted extends Random {
  readonly choices: number[] = []
  private readonly script: readonly number[]

  constructor(script: readonly number[]) {
    super(0)
    this.script = script
  }

  override int(n: number): number {
    this.choices.push(n)
    return this.script[this.choices.length - 1] ?? 0
  }
}

type Outcome = { probability: number; slate: { row: number; propensity: number }[] }

/** Every outcome of the lots with its probability. */
function outcomes(things: readonly Thing[], plan: object, limit: number, script: number[] = []): Outcome[] {
  const random = new Scripted(script)
  const { ranked, facts, query, policy } = scene(things, plan, { random })
  const picks = createReranker(facts).rerank(query, ranked, limit, policy)
  const open = random.choices[script.length]
  if (open === undefined) {
    const slate = picks.map(({ index, propensity }) => ({ row: ranked.rows[index]!, propensity }))
    return [{ probability: random.choices.reduce((p, n) => p / n, 1), slate }]
  }
  return Array.from({ length: open }, (_, choice) => outcomes(things, plan, limit, [...script, choice])).flat()
}

/** Probability of each item at each position, by going through all lots. */
function marginals(all: readonly Outcome[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { probability, slate } of all)
    slate.forEach(({ row }, position) => {
      const key = `${position} ${row}`
      sums.set(key, (sums.get(key) ?? 0) + probability)
    })
  return sums
}

const some = (count: number, more: (i: number) => Partial<Thing>): Thing[] =>
  Array.from({ length: count }, (_, i) => ({ score: count - i, ...more(i) }))

describe('logged propensities', () => {
  it.each<[string, Thing[], object, number]>([
    ['fresh items at the bottom', some(9, (i) => ({ fresh: i >= 5 })), { explorationSlots: [1, 3] }, 5],
    [
      'fresh items that would be picked anyway',
      some(9, (i) => ({ fresh: i % 2 === 0 })),
      { explorationSlots: [0, 2] },
      5,
    ],
    ['a fresh item displaced by the slot itself', some(8, (i) => ({ fresh: i >= 3 })), { explorationSlots: [3] }, 4],
    ['more slots than fresh items', some(8, (i) => ({ fresh: i >= 6 })), { explorationSlots: [0, 1, 2, 3] }, 5],
    ['a slate of all there is', some(6, (i) => ({ fresh: i >= 2 })), { explorationSlots: [1, 2] }, 6],
    ['no fresh item left over', some(6, (i) => ({ fresh: i < 2 })), { explorationSlots: [4] }, 5],
    [
      'pins on the slots',
      some(9, (i) => ({ fresh: i > 3, pin: i > 6 ? i : 0 })),
      { explorationSlots: [1, 3], pinSlots: [1, 2] },
      5,
    ],
    [
      'caps and barred items',
      some(12, (i) => ({ fresh: i > 3, creator: i % 3, barred: i === 7 })),
      { explorationSlots: [2, 4], creatorCap: 2 },
      6,
    ],
    [
      'a DPP',
      some(9, (i) => ({ fresh: i > 2, content: [1, i % 3, i % 2] })),
      { explorationSlots: [1, 2], diversity: 'dpp' },
      5,
    ],
  ])('are exact with %s', (_, things, plan, limit) => {
    const all = outcomes(things, plan, limit)
    const truth = marginals(all)
    expect(all.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12)
    for (const { slate } of all)
      slate.forEach(({ row, propensity }, position) => {
        expect(propensity).toBeCloseTo(truth.get(`${position} ${row}`)!, 12)
      })
    for (let position = 0; position < all[0]!.slate.length; position++) {
      const sum = [...truth].reduce((total, [key, p]) => (key.startsWith(`${position} `) ? total + p : total), 0)
      expect(sum).toBeCloseTo(1, 12)
    }
  })

  it('meet what 20 000 seeds draw (chi-square)', () => {
    const things = some(14, (i) => ({ fresh: i % 2 === 1 }))
    const runs = 20_000
    const counts = new Map<string, number>()
    const logged = new Map<string, number>()
    for (let seed = 0; seed < runs; seed++) {
      const { ranked, facts, query, policy } = scene(things, { explorationSlots: [2, 5] }, { seed: `${seed}` })
      createReranker(facts)
        .rerank(query, ranked, 8, policy)
        .forEach(({ index, propensity }, position) => {
          const key = `${position} ${ranked.rows[index]}`
          counts.set(key, (counts.get(key) ?? 0) + 1)
          logged.set(key, propensity)
        })
    }
    for (const slot of [2, 5]) {
      const cells = [...logged].filter(([key]) => key.startsWith(`${slot} `))
      const chi = cells.reduce((sum, [key, p]) => sum + (counts.get(key)! - runs * p) ** 2 / (runs * p), 0)
      // Rows 0 to 5 are certain; of the odd ones 7, 9, 11 and 13 are left: four cells, three degrees of freedom.
      expect(cells).toHaveLength(4)
      expect(chi).toBeLessThan(16.27) // 0.1 % point of chi-square with 3 degrees of freedom
    }
    for (const [key, p] of logged) if (p === 1) expect(counts.get(key)).toBe(runs)
  })
})
