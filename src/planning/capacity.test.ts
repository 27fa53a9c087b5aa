import { describe, expect, it } from 'vitest'
import { capacity, defaultSupply, printed } from './capacity.ts'
import { presets } from './presets.ts'

describe('capacity', () => {
  it.each([
    // The twelve published figures.
    ['steady', { gpus: '5.00k', nodes: '800', bandwidth: '298 GB/s', index: '143 GB' }],
    ['spike', { gpus: '15.00k', nodes: '2.40k', bandwidth: '894 GB/s', index: '143 GB' }],
    ['new-market', { gpus: '625', nodes: '100', bandwidth: '15 GB/s', index: '1 GB' }],
  ] as const)('gives the published figures of %s', (name, figures) => {
    expect(printed(capacity(presets[name]))).toEqual(figures)
  })

  it.each([
    // Raw values, worked by hand: 40 M x 8000 / 2^30 and 100 M x 1536 / 2^30.
    ['steady', 40_000_000, 298.0232238769531, 143.0511474609375],
    ['spike', 120_000_000, 894.0696716308594, 143.0511474609375],
    ['new-market', 5_000_000, 14.901161193847656, 1.430511474609375],
  ] as const)('keeps the raw values of %s', (name, items, bandwidth, index) => {
    const plan = capacity(presets[name])
    expect(plan.itemsPerSecond).toBe(items)
    expect(plan.bandwidthGiB).toBeCloseTo(bandwidth, 9)
    expect(plan.indexGiB).toBeCloseTo(index, 9)
  })

  it('doubles with the load, but for the index', () => {
    const once = capacity(presets.steady)
    const twice = capacity({ ...presets.steady, peakQps: 400_000 })
    expect([twice.gpus, twice.nodes, twice.bandwidthGiB]).toEqual([
      2 * once.gpus,
      2 * once.nodes,
      2 * once.bandwidthGiB,
    ])
    expect(twice.indexGiB).toBe(once.indexGiB)
  })

  it('needs nothing for no candidates', () => {
    const { gpus, nodes, bandwidthGiB } = capacity({ ...presets.steady, candidates: 0 })
    expect([gpus, nodes, bandwidthGiB]).toEqual([0, 0, 0])
  })

  it('counts replicas, headroom, links of a graph and a cache', () => {
    const supply = { ...defaultSupply, replicas: 2, headroom: 0.5, graphLinks: 16, cacheHitShare: 0.75 }
    const plan = capacity(presets.steady, supply)
    expect(plan.gpus).toBe(10_000) // half of each is kept free
    expect(plan.nodes).toBe(800) // a quarter of the fetches on half of each node, twice: 800 / 4 x 2 x 2
    expect(plan.bandwidthGiB).toBeCloseTo(298.0232238769531 / 4, 9)
    expect(plan.indexGiB).toBeCloseTo((1e8 * (1536 + 140.8) * 2) / 2 ** 30, 6)
  })

  it.each([
    ['peakQps', Number.NaN],
    ['candidates', -1],
    ['featureBytes', Number.POSITIVE_INFINITY],
  ])('refuses %s %s', (name, value) => {
    expect(() => capacity({ ...presets.steady, [name]: value })).toThrow(RangeError)
  })

  it.each([
    ['headroom', 1],
    ['scoresPerGpu', 0],
    ['cacheHitShare', 1.5],
  ])('refuses machines with %s %s', (name, value) => {
    expect(() => capacity(presets.steady, { ...defaultSupply, [name]: value })).toThrow(RangeError)
  })
})
