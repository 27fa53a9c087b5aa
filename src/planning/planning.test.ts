import { describe, expect, it } from 'vitest'
import { completeConfig, profileOf } from '../domain/index.ts'
import { type Buckets, createMetrics, parseSamples } from '../foundation/telemetry/index.ts'
import { budgetLines, quantileEach, quantileOfSum, slowestOf, worksheet } from './budget.ts'
import { capacity, defaultSupply, printed } from './capacity.ts'
import { configText } from './config-text.ts'
import { coresFor } from './cores.ts'
import { cutPlan, type Lever } from './cut.ts'
import { type Answers, decide, type Question, questionNames, questions } from './decide.ts'
import { costFromMetrics, costFromText } from './measured.ts'
import { presets } from './presets.ts'
import { defaultSpike, spikePlan } from './spike.ts'

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

/** A server that was restarted, then served 100 home slates of 2 ms and 300 next slates of 6 ms, for 4 s of CPU. */
async function readings(): Promise<{ before: string; now: string }> {
  const metrics = createMetrics({ process: false })
  const text = async (cpu: number) =>
    `${await metrics.text()}process_start_time_seconds 1000\nprocess_cpu_seconds_total ${cpu}\n`
  metrics.slate('home', 30, 'full')
  const before = await text(100)
  const slate = (surface: string, ms: number) => {
    metrics.slate(surface, ms / 1000, surface === 'home' ? 'full' : 'partial')
    metrics.stage(surface, { stage: 'fine', ms: ms / 2, status: 'ok', out: 200 })
    metrics.stage(surface, { stage: 'viewer', ms: 9, status: 'ok', out: 0 }) // beside the others
    metrics.stage(surface, { stage: 'wait', ms: 20, status: 'ok', out: 0 })
  }
  for (let i = 0; i < 100; i++) slate('home', 2)
  for (let i = 0; i < 300; i++) slate('next', 6)
  return { before, now: await text(104) }
}

describe('the measured cost', () => {
  it('is taken between two readings of a server, not from its start', async () => {
    const { before, now } = await readings()
    const cost = costFromMetrics('here', parseSamples(now), parseSamples(before))
    expect(cost).toMatchObject({ slates: 400, whole: 0.25, candidates: { fine: 200 }, mix: { home: 0.25, next: 0.75 } })
    expect(cost.cpuMs).toBeCloseTo(10, 9)
    expect(Object.keys(cost.stages)).toEqual(['fine']) // neither what runs beside it nor the queue
    expect(cost.stages['fine']).toBeCloseTo(2.5, 9) // (100 x 1 + 300 x 3) / 400
    expect(cost.weight['home']).toBeCloseTo(0.4, 9) // 2 of a mean of 5
    expect(cost.weight['next']).toBeCloseTo(1.2, 9)
  })

  it('says how many cores 320 k requests per second take, by mix of surfaces', async () => {
    const { before, now } = await readings()
    const cost = costFromMetrics('here', parseSamples(now), parseSamples(before))
    const plan = coresFor(cost, 320_000, { coresPerMachine: 64 })
    expect(plan.busyCores).toBeCloseTo(3200, 6)
    expect(plan.cores).toBe(6400)
    expect(plan.machines).toBe(100)
    expect(plan.byStage['fine']).toBeCloseTo(800, 6)
    expect(plan.byStage['other']).toBeCloseTo(2400, 6)
    const all = coresFor(cost, 1000, { surfaces: { home: 1000 }, busy: 1 })
    expect(all.cpuMs).toBeCloseTo(4, 9)
    expect(all.cores).toBe(4)
  })

  it('refuses a server that was restarted in between, and one that made no slate', async () => {
    const { before, now } = await readings()
    const restarted = parseSamples(now.replace('start_time_seconds 1000', 'start_time_seconds 1001'))
    expect(() => costFromMetrics('here', restarted, parseSamples(before))).toThrow(/restarted/)
    expect(() => costFromMetrics('here', parseSamples(now), parseSamples(now))).toThrow(/no slate/)
  })

  it('is read from a report: the cheapest rate of a bench, never its baseline', () => {
    const bench = [
      { name: 'naive sort', rate: 5, cpuMs: 0.5 },
      { name: 'slate', rate: 50, cpuMs: 11.1, answered: 250 },
      { name: 'slate', rate: 200, cpuMs: 5.8, answered: 1000 },
    ]
    expect(costFromText('bench', JSON.stringify({ rows: bench }))).toMatchObject({ cpuMs: 5.8, slates: 1000 })
    const fell = [
      { rate: 50, cost: { cpuMs: 11.1, slates: 250, whole: 0.99 } },
      { rate: 60, cost: { cpuMs: 10.4, slates: 300, whole: 0.96 } },
      { rate: 700, cost: { cpuMs: 1.8, slates: 3500, whole: 0.09 } },
    ]
    expect(costFromText('bench', JSON.stringify({ steps: fell }))).toMatchObject({ cpuMs: 10.4, whole: 0.96 })
    expect(costFromText('bench', JSON.stringify(fell.slice(2)))).toMatchObject({ cpuMs: 1.8, whole: 0.09 })
    const load = { slates: { sent: 3 }, cost: { cpuMs: 4, slates: 900, stages: { fine: 1, note: 'x' } } }
    expect(costFromText('load', JSON.stringify(load))).toMatchObject({ cpuMs: 4, slates: 900, stages: { fine: 1 } })
    expect(() => costFromText('x', '{"a":1}')).toThrow(/cpuMs/)
    expect(() => costFromText('x', '{"cpuMs":3964}')).toThrow(/over how many slates/) // of a window, of a search
    expect(() => costFromText('x', 'no')).toThrow(/neither JSON/)
  })
})

describe('a known spike', () => {
  it('is met in waves, the last one warm half an hour before', () => {
    // 100 machines, four times the load with three quarters of the candidates: 300. Waves of half: 150, 225, 300.
    const { machinesAtPeak, steps, shortBy } = spikePlan({ machines: 100, ...defaultSpike })
    expect(machinesAtPeak).toBe(300)
    expect(steps.slice(0, 3).map(({ atMinutes, machines }) => [atMinutes, machines])).toEqual([
      [315, 150],
      [320, 225],
      [325, 300],
    ])
    expect(steps.at(-1)).toMatchObject({ atMinutes: 510, machines: 100 })
    expect(shortBy).toBe(0)
  })

  it('says how many machines are missing when it comes too soon', () => {
    const { shortBy } = spikePlan({ machines: 100, ...defaultSpike, inMinutes: 10 }) // two waves fit: 225
    expect(shortBy).toBe(75)
    expect(spikePlan({ machines: 100, ...defaultSpike, inMinutes: 0 }).shortBy).toBe(200)
  })

  it('gains nothing from fewer candidates where they cost nothing', () => {
    expect(spikePlan({ machines: 100, ...defaultSpike, candidateCostShare: 0 }).machinesAtPeak).toBe(400)
  })

  it('orders nothing for a spike that is none', () => {
    const plan = spikePlan({ machines: 10, ...defaultSpike, factor: 1, candidateShare: 1 })
    expect(plan.machinesAtPeak).toBe(10)
    expect(plan.shortBy).toBe(0)
  })

  it.each([
    ['machines', 0],
    ['waveShare', 0],
    ['candidateShare', 1.5],
    ['factor', Number.NaN],
  ])('refuses %s %s', (name, value) => {
    expect(() => spikePlan({ machines: 10, ...defaultSpike, [name]: value })).toThrow(RangeError)
  })
})

describe('a cut', () => {
  const degraded = { loadShare: 1, costShare: 0.05 }
  const levers: Lever[] = [
    { name: 'ranked', costShare: 0.5, now: 200, least: 120, unit: 'candidates' },
    { name: 'retrieved', costShare: 0.3, now: 1000, least: 500, unit: 'candidates' },
  ]

  it('takes candidates first: a tenth of the machines is 160 of 200 where they make half the cost', () => {
    const { steps, missing, reserve } = cutPlan({ cut: 0.1, levers, degraded })
    expect(steps).toEqual([{ name: 'ranked', from: 200, to: 160, unit: 'candidates', saves: expect.closeTo(0.1, 12) }])
    expect(missing).toBe(0)
    expect(reserve).toBe(0.05)
  })

  it('goes on to the next lever at the least of the first, and says what is missing', () => {
    const { steps, missing, saved } = cutPlan({ cut: 0.5, levers, degraded })
    expect(steps.map(({ name, to }) => [name, to])).toEqual([
      ['ranked', 120],
      ['retrieved', 500],
    ])
    expect(saved).toBeCloseTo(0.2 + 0.15, 12)
    expect(missing).toBeCloseTo(0.15, 12)
  })

  it('is 180 candidates where all cost is theirs, as the calculator has it', () => {
    const all = [{ name: 'ranked', costShare: 1, now: 200, least: 120, unit: 'candidates' }]
    expect(cutPlan({ cut: 0.1, levers: all, degraded }).steps[0]?.to).toBe(180)
    expect(capacity({ ...presets.steady, candidates: 180 }).gpus).toBe(0.9 * capacity(presets.steady).gpus)
  })

  it('always reaches what it can and never goes below the least', () => {
    for (let cut = 0; cut < 1; cut += 0.01) {
      const plan = cutPlan({ cut, levers, degraded })
      expect(plan.saved + plan.missing).toBeGreaterThanOrEqual(cut - 1e-9)
      for (const { name, to } of plan.steps)
        expect(to).toBeGreaterThanOrEqual(levers.find((l) => l.name === name)!.least)
    }
  })
})

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

describe('the decision tree', () => {
  const options = (name: (typeof questionNames)[number]) => Object.keys((questions[name] as Question).answers)
  const all = questionNames.reduce<Answers[]>(
    (made, name) => made.flatMap((one) => options(name).map((answer) => ({ ...one, [name]: answer }))),
    [{} as Answers],
  )

  it('gives a right configuration for every combination of answers', () => {
    expect(all.length).toBe(3 ** 5)
    for (const answers of all) {
      const { config, settings } = decide(answers)
      const whole = completeConfig(config) as unknown as Record<string, unknown>
      for (const { option, value } of settings)
        expect(option.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], whole)).toEqual(
          value,
        )
    }
  })

  it('never puts an exploration slot outside the slate', () => {
    for (const answers of all) {
      const { limit, explorationSlots } = completeConfig(decide(answers).config).surfaces['home']!
      for (const slot of explorationSlots) expect(slot).toBeLessThan(limit)
    }
  })

  it('writes a file that says what was asked, answered and why', () => {
    const answers = { freshness: 'daily', cold: 'few', experiments: 'none', slate: 'single', outage: 'tight' }
    const text = configText(decide(answers))
    expect(text).toContain('//   daily: from one day to the next')
    expect(text).toContain('slimRefreshSeconds: 86_400, // one build a day')
    expect(text).toContain("diversity: 'mmr', // each against those just played")
    expect(text).toContain("profile: '50ms'")
  })

  it('refuses an answer that is none, and names those there are', () => {
    const answers = { freshness: 'soon', cold: 'few', experiments: 'none', slate: 'feed', outage: 'wait' }
    expect(() => decide(answers)).toThrow(/session, hours, daily/)
  })
})
