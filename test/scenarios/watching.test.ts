import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEngine, type Engine } from '../../src/app/index.ts'
import { run } from '../../src/cli/testing/run.ts'
import { completeConfig, type ConfigInput } from '../../src/domain/index.ts'
import { createLog, createMetrics } from '../../src/foundation/telemetry/index.ts'
import { createServer, type Server } from '../../src/server/index.ts'
import { catalogue, event } from './platform.ts'

/** A real server on a folder, watched by the commands that an operator would use. */
let data = ''
let engine: Engine
let server: Server
let url = ''

async function serve(config: ConfigInput = {}): Promise<void> {
  const whole = completeConfig({ ...config, server: { port: 0, log: 'silent' } })
  const metrics = createMetrics({ process: false }) // what else the machine does is not looked at here
  const log = createLog('silent')
  engine = createEngine({ data, config: whole, metrics, log })
  await engine.open()
  server = await createServer({ engine, config: whole.server, metrics, log })
  url = (await server.listen()).url
}
async function stop(): Promise<void> {
  await server.close()
  await engine.close()
}

/** Asks for slates while a command looks, and says what came of the first ones. */
async function looked(words: readonly string[]) {
  const running = run([...words, '--url', url, '--json'], { folder: data })
  for (let i = 0; i < 40; i++) {
    const { slate, items } = await engine.slate({ surface: 'home', user: `u${i % 7}` })
    const about = { slate, at: Date.now() }
    const seen = items.slice(0, 4).map(({ item }) => event('impression', `u${i % 7}`, item, about))
    if (i % 2 === 0 && items[0]) seen.push(event('click', `u${i % 7}`, items[0].item, about))
    await engine.events(seen)
  }
  return running
}

/** Time enough for everything but, perhaps, retrieval. */
function patient(retrievalMs: number): ConfigInput {
  const profile = { budgetMs: 20_000, retrievalMs, coarseMs: 2_000, featuresMs: 2_000, fineMs: 2_000 }
  return {
    budgets: { profile: 'patient', profiles: { patient: profile } },
    surfaces: { home: { budgetMs: 20_000 } },
  }
}

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'sluice-watching-'))
  await serve(patient(10_000)) // a busy machine is not the trouble here
  await engine.putItems(catalogue(400))
})
afterAll(async () => {
  await stop()
  rmSync(data, { recursive: true, force: true })
})

describe('a running server', () => {
  it('is watched: rates, layers against budgets, sources, freshness, clicks', async () => {
    const { code, out } = await looked(['top', '--once', '--interval', '1.5'])
    expect(code).toBe(0)
    const frame = JSON.parse(out)
    expect(frame.slatesPerSecond).toBeGreaterThan(1)
    expect(frame.eventsPerSecond).toBeGreaterThan(frame.slatesPerSecond) // four to five for each
    const layers = frame.layers.map(({ layer }: { layer: string }) => layer)
    expect(layers).toEqual(expect.arrayContaining(['home', 'home/retrieve', 'home/fine', 'home/rerank']))
    expect(frame.layers[0].budgetMs).toBe(20_000)
    const shown = frame.sources.find(({ source }: { source: string }) => source === 'popular')
    expect(shown.share).toBeGreaterThan(0)
    expect(frame.minute.ctr).toBeCloseTo(0.5 / 4, 1)
    expect(frame.minute.calibration).toBeGreaterThan(0)
    expect(frame.minute.visibleP99).toBeGreaterThan(0)
    const view = await run(['top', '--once', '--interval', '0.1', '--url', url], { folder: data })
    expect(view.out).toMatch(/slates\/s/)
    expect(view.out).toMatch(/holds\s+\d+ items/)
  })

  it('says in its metrics what the profile in use gives each surface, for alerts to hold it against', async () => {
    const text = await (await fetch(`${url}/metrics`)).text()
    expect(text).toContain('sluice_budget_seconds{surface="home",stage="slate"} 20\n')
    expect(text).toContain('sluice_budget_seconds{surface="home",stage="rerank"} 0.01\n')
  })

  it('holds the funnel, what each source put on slates, and the diversity of slates in its metrics', async () => {
    const text = await (await fetch(`${url}/metrics`)).text()
    expect(text).toMatch(/sluice_stage_candidates_total\{stage="coarse",surface="home"\} \d+/)
    expect(text).toMatch(/sluice_source_served_total\{source="popular"\} \d+/)
    expect(text).toMatch(/sluice_slate_events_total\{kind="click",surface="home"\} \d+/)
    expect(text).toMatch(/sluice_slate_diversity\{surface="home"\} 0\.\d+/)
    expect(text).toMatch(/sluice_telemetry_faults_total 0/)
  })

  it('is well after a look, and tells that it started', async () => {
    const { code, out } = await looked(['triage', '--seconds', '1.5'])
    const diagnosis = JSON.parse(out)
    const rungs = diagnosis.findings.filter(({ sign }: { sign: string }) => sign === 'degraded' || sign === 'errors')
    expect(rungs).toEqual([])
    expect(code).toBe(diagnosis.healthy ? 0 : 1)
    expect(diagnosis.changes.at(-1)).toMatchObject({ kind: 'start', say: 'the server started for the first time' })
  })

  it('is told of a configuration that starves its sources: which option, since when, and the way back', async () => {
    await stop()
    const sources = { popular: { limit: 200, weight: 1, budgetMs: 0.1 }, fresh: { limit: 60, weight: 1 } }
    await serve({ ...patient(0.5), surfaces: { home: { budgetMs: 20_000, sources } } })
    const { code, out } = await looked(['triage', '--seconds', '1.5'])
    expect(code).toBe(1)
    const { findings, advice, changes } = JSON.parse(out)
    const options = changes.filter(({ kind }: { kind: string }) => kind === 'configuration')
    expect(options.map(({ subject }: { subject: string }) => subject)).toContain('budgets.profiles.patient.retrievalMs')
    expect(findings[0].suspects[0]).toMatchObject({ kind: 'configuration' })
    expect(advice).toMatchObject({ action: 'roll back' })
    expect(advice.steps[0]).toMatch(/^set (surfaces\.home|budgets)\..* back to .* in the configuration$/)
    const kept = readFileSync(join(data, 'changes.jsonl'), 'utf8').trim().split('\n')
    expect(kept.map((line) => JSON.parse(line).kind).slice(0, 3)).toEqual(['start', 'stop', 'start'])
  })

  it('says that nobody is there to be watched', async () => {
    const { code, err } = await run(['top', '--once', '--data', data], { folder: data })
    expect([code, err]).toEqual([1, expect.stringContaining('no server has this data folder open')])
  })
})
