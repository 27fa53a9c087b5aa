import { describe, expect, it } from 'vitest'
import { createMetrics, parseSamples } from '../foundation/telemetry/index.ts'
import { coresFor } from './cores.ts'
import { costFromMetrics, costFromText } from './measured.ts'

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
