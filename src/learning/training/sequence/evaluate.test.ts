import { expect, it } from 'vitest'
import { Random } from '../../../foundation/base/index.ts'
import { initialParameters } from '../../graph/index.ts'
import { HistoryEncoder, sequenceDefaults, sequenceServing } from '../../models/index.ts'
import { Evaluator, rankMetrics } from './evaluate.ts'
import { leaveOneOut } from '../../../stream/samples/index.ts'
import { testCases } from './sequences.ts'
import type { Times } from './times.ts'
import { plantedOrder } from './testing/planted-order.ts'

it('ranks as sorting the whole catalogue by the served vector does', async () => {
  const config = { ...sequenceDefaults, width: 8, length: 10, heads: 2, blocks: 1 }
  const histories = plantedOrder({ users: 300, items: 30 })
  const random = new Random('ranks')
  const table = Float32Array.from({ length: 30 * 8 }, () => random.normal(0, 0.5))
  table.copyWithin(8 * 4, 8 * 17, 8 * 18) // items 4 and 17 tie everywhere: the lower row stands first
  const parameters = initialParameters(sequenceServing(config).graph, 1)
  const cases = testCases(histories, leaveOneOut(histories))

  const evaluator = await Evaluator.open(config, 30, { rows: 4 })
  const ranks = await evaluator.ranks(histories, cases, parameters, table)
  await evaluator.close()
  const encoder = await HistoryEncoder.open({ config, items: 30, parameters, table })
  for (const [i, target] of cases.targets.entries()) {
    const history = histories.item.slice(cases.starts[i], target)
    const user = (await encoder.encode(history)) as Float32Array
    const scores = Array.from({ length: 30 }, (_, row) => user.reduce((sum, x, k) => sum + x * table[row * 8 + k], 0))
    scores[17] = scores[4]
    const order = scores.map((_, row) => row).sort((a, b) => scores[b] - scores[a] || a - b)
    const wanted = histories.item[target]
    expect(ranks.kept[i]).toBe(order.indexOf(wanted) + 1)
    const unseen = order.filter((row) => row === wanted || !history.includes(row))
    expect(ranks.removed[i]).toBe(unseen.indexOf(wanted) + 1)
  }
  await encoder.close()
})

it('ranks among what was there when the wanted item was consumed', async () => {
  const config = { ...sequenceDefaults, width: 8, length: 10, heads: 2, blocks: 1 }
  const histories = plantedOrder({ users: 60, items: 30 })
  const table = Float32Array.from({ length: 30 * 8 }, (_, i) => Math.sin(i))
  const parameters = initialParameters(sequenceServing(config).graph, 1)
  const cases = testCases(histories, leaveOneOut(histories))
  const evaluator = await Evaluator.open(config, 30, { rows: 4 })
  const ranksOf = (times?: Times) =>
    evaluator.ranks({ ...histories, ...(times && { times }) }, cases, parameters, table)
  const all = await ranksOf()
  // The even rows come out in the middle of all that is consumed.
  const at = Float32Array.from(histories.item, (_, place) => place)
  const middle = at.length / 2
  const since = Float32Array.from({ length: 30 }, (_, row) => (row % 2 === 0 ? middle : Number.NEGATIVE_INFINITY))
  const found = await ranksOf({ at, since })
  await evaluator.close()
  for (const [i, target] of cases.targets.entries()) {
    const late = target < middle ? 15 : 0
    for (const kind of ['kept', 'removed'] as const) {
      expect(found[kind][i]).toBeLessThanOrEqual(late === 0 ? (all[kind][i] as number) : 16)
      if (late === 0) expect(found[kind][i]).toBe(all[kind][i])
    }
    if (late > 0) expect(found.kept[i]).toBeGreaterThanOrEqual((all.kept[i] as number) - late)
  }
  expect(found.kept.some((rank, i) => rank < (all.kept[i] as number))).toBe(true)
  expect(found.removed.every((rank) => rank >= 1)).toBe(true)
})

it('sums ranks up as the formulas say', () => {
  const figures = rankMetrics(Uint32Array.of(1, 2, 10, 11), [1, 10], { resamples: 200 })
  expect(figures['ndcg@10']?.value).toBeCloseTo((1 + 1 / Math.log2(3) + 1 / Math.log2(11)) / 4, 12)
  expect(figures['hr@10']?.value).toBe(0.75)
  expect(figures['hr@1']?.value).toBe(0.25)
  expect(figures['hr@10']?.low).toBeLessThan(0.75)
  expect(figures['hr@10']?.high).toBe(1)
  expect(rankMetrics(Uint32Array.of(1, 100, 101, 3000))['recall@100']?.value).toBe(0.5)
})

it('gives the last place to an item whose score is no number: a model that broke is not perfect', async () => {
  const config = { ...sequenceDefaults, width: 8, length: 10, heads: 2, blocks: 1 }
  const histories = plantedOrder({ users: 5, items: 30 })
  const parameters = initialParameters(sequenceServing(config).graph, 1).fill(Number.NaN)
  const evaluator = await Evaluator.open(config, 30, { rows: 4 })
  const cases = testCases(histories, leaveOneOut(histories))
  const { kept, removed } = await evaluator.ranks(histories, cases, parameters, new Float32Array(30 * 8))
  await evaluator.close()
  expect(new Set([...kept, ...removed])).toEqual(new Set([0xffff_ffff]))
})
