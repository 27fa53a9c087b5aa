import { describe, expect, it } from 'vitest'
import { catalogue, event, ground, slate, START } from './testing/ground.ts'
import {
  batchesOf,
  countBatches,
  firstAt,
  HEADS,
  headCode,
  labelsOf,
  type RankingBatch,
  samplesOf,
  splitByTime,
} from './index.ts'

const entries = [
  ...catalogue(3, 9),
  ...Array.from({ length: 10 }, (_, s) => [
    ...slate(
      `s${s}`,
      `u${s % 3}`,
      s * 10_000,
      Array.from({ length: 1 + (s % 5) }, (_, i) => `i${(s + i) % 9}`),
    ),
    event('click', s * 10_000 + 5, { user: `u${s % 3}`, item: `i${s % 9}`, slate: `s${s}` }),
  ]).flat(),
  event('search', 10_000_000, { user: 'u0', query: 'x' }),
]
const { dataset } = samplesOf(() => entries, ground())
const impressions = (batches: Iterable<RankingBatch>) =>
  [...batches].flatMap((batch) =>
    [...batch.item].flatMap((item, i) =>
      item < 0 ? [] : [`${batch.request[Math.floor(i / batch.shape.impressions)]}:${item}:${batch.labels[i * HEADS]}`],
    ),
  )
const plain = [...dataset].flatMap((request) =>
  [...request.items].map((item, i) => `${request.index}:${item}:${request.labels[i * HEADS]}`),
)

describe('batches', () => {
  it('hold every impression once, whatever the shape', () => {
    expect(dataset.requests).toBe(10)
    for (const [requests, slots] of [
      [3, 2],
      [1, 1],
      [16, 8],
    ] as const) {
      const options = { requests, impressions: slots, history: 4 }
      const batches = [...batchesOf(dataset, options)]
      expect(impressions(batches)).toEqual(plain)
      expect(batches.length).toBe(countBatches(dataset, options))
      for (const batch of batches) expect(batch.features.length).toBe(requests * slots * dataset.width)
    }
  })

  it('pad with weight 0, history flush right', () => {
    const [batch] = [...batchesOf(dataset, { requests: 16, impressions: 5, history: 4 })] as [RankingBatch]
    expect(batch.count).toBe(10)
    batch.item.forEach((item, i) => {
      expect(batch.weight[i]).toBe(item < 0 ? 0 : 1)
      const sum = batch.labelWeights.subarray(i * HEADS, (i + 1) * HEADS).reduce((a, b) => a + b, 0)
      expect(sum > 0).toBe(item >= 0)
    })
    for (let row = 0; row < batch.count; row++) {
      const request = dataset.request(batch.request[row]!)
      const items = [...batch.historyItem.subarray(row * 4, row * 4 + 4)].filter((item) => item >= 0)
      expect(items).toEqual([...request.history.items].slice(-4))
      const mask = [...batch.historyMask.subarray(row * 4, row * 4 + 4)]
      expect(mask).toEqual([...mask].sort())
      expect(mask.filter((one) => one === 1).length).toBe(items.length)
    }
    expect([...batch.features.subarray(0, dataset.width)]).toEqual([
      ...dataset.request(0).features.subarray(0, dataset.width),
    ])
  })

  it('shuffle by seed and epoch, and lose nothing', () => {
    const order = (seed: string, epoch: number) => impressions(batchesOf(dataset, { shuffle: { seed, epoch } }))
    expect(order('a', 1)).toEqual(order('a', 1))
    expect(order('a', 1)).not.toEqual(order('a', 2))
    expect(order('b', 1)).not.toEqual(order('a', 1))
    expect(order('a', 1).sort()).toEqual([...plain].sort())
  })
})

describe('labels before a cut', () => {
  const { returnMs } = dataset.header
  const RETURN = headCode('return')
  /** Until the window of request 6 has passed. */
  const cut = START + 60_000_000 + returnMs

  it('do not tell who came back later: not in batches, and they are not counted', () => {
    const [batch] = [...batchesOf(dataset, { requests: 16, impressions: 5, cut })] as [RankingBatch]
    const [whole] = [...batchesOf(dataset, { requests: 16, impressions: 5 })] as [RankingBatch]
    for (let i = 0; i < batch.item.length; i++) {
      if (batch.item[i]! < 0) continue
      const known = batch.request[Math.floor(i / 5)]! <= 6
      expect(whole.labelWeights[i * HEADS + RETURN]).toBe(1)
      expect(batch.labelWeights[i * HEADS + RETURN]).toBe(known ? 1 : 0)
      expect(batch.labelWeights[i * HEADS]).toBe(1)
    }
    const requestNumbers = Uint32Array.from({ length: 8 }, (_, i) => i)
    const items = (until: number) =>
      requestNumbers.slice(0, until).reduce((n, i) => n + dataset.request(i).items.length, 0)
    const cutOff = labelsOf(dataset, { requestNumbers, cut })
    expect([cutOff['return']?.known, cutOff['click']?.known]).toEqual([items(7), items(8)])
    const labels = labelsOf(dataset, { requestNumbers })
    expect(labels['return']?.known).toBe(items(8))
    const clicked = [...requestNumbers].flatMap((i) => [...dataset.request(i).labels].filter((_, l) => l % HEADS === 0))
    expect(labels['click']?.mean).toBeCloseTo(clicked.reduce((a, b) => a + b, 0) / clicked.length, 12)
  })

  it('begin with the first of the requests that judge', () => {
    expect(firstAt(dataset, Uint32Array.of(7, 5, 9))).toBe(dataset.at(5))
    expect(firstAt(dataset, new Uint32Array(0))).toBeUndefined()
  })
})

describe('the split by time', () => {
  it('trains on the past and leaves out what reaches over a cut', () => {
    const split = splitByTime(dataset, { validation: 0.2, test: 0.3, embargoMs: 0 })
    expect([[...split.train], [...split.validation], [...split.test]]).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6],
      [7, 8, 9],
    ])
    const strict = splitByTime(dataset, { validation: 0.2, test: 0.3, embargoMs: 15_000_000 })
    expect([[...strict.train], [...strict.validation], [...strict.test]]).toEqual([[0, 1, 2, 3], [5], [7, 8, 9]])
    expect(strict.embargoed).toBe(2)
    expect(() => splitByTime(dataset, { validation: 0.5, test: 0.5 })).toThrow(RangeError)
  })
})
