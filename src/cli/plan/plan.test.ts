import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMetrics } from '../../foundation/telemetry/index.ts'
import { completeConfig, planned } from '../../domain/index.ts'
import { loadConfig } from '../config-file.ts'
import { run } from '../testing/run.ts'

let folder = ''
let server: Server
let url = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-plan-'))
  const metrics = createMetrics({ process: false })
  let cpu = 50
  // Between any two looks: 200 slates of 4 ms, half of it in the fine rank, for 2 s of CPU.
  server = createServer(async (_request, reply) => {
    reply.end(`${await metrics.text()}process_start_time_seconds 1\nprocess_cpu_seconds_total ${cpu}\n`)
    cpu += 2
    for (let i = 0; i < 200; i++) {
      metrics.slate('home', 0.004, 'full')
      metrics.stage('home', { stage: 'coarse', ms: 0.5, status: 'ok', out: 200 })
      metrics.stage('home', { stage: 'fine', ms: 2, status: 'ok', out: 200 })
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('plan capacity', () => {
  it('prints the published exercises', async () => {
    const { code, out } = await run(['plan', 'capacity'], { folder })
    expect(code).toBe(0)
    for (const figure of ['5.00k', '2.40k', '894 GB/s', '143 GB', '625', '15 GB/s', '1 GB'])
      expect(out).toContain(figure)
    expect(out).toContain('GB stands for GiB')
  })

  it('takes figures in place of those of a preset', async () => {
    const { out } = await run(['plan', 'capacity', '--qps', '320000', '--headroom', '0.2', '--json'], { folder })
    const { plans } = JSON.parse(out)
    expect(plans).toHaveLength(1)
    expect(plans[0].plan.gpus).toBe(10_000) // 320 k x 200 / (8000 x 0.8)
  })

  it('measures a running server and says how many cores 320 k requests per second take', async () => {
    const words = ['plan', 'capacity', '--from', url, '--seconds', '0.1', '--cores-per-machine', '64']
    const { code, out } = await run([...words, '--surface-mix', 'home:80000,next:200000,search:40000', '--json'], {
      folder,
    })
    expect(code).toBe(0)
    const { cost, cores } = JSON.parse(out)
    expect(cost).toMatchObject({ slates: 200, candidates: { coarse: 200 } })
    expect(cost.cpuMs).toBeCloseTo(10, 9)
    expect(cores.cores).toBe(6400) // 320 k x 10 ms, half busy
    expect(cores.machines).toBe(100)
    const text = await run([...words, '--qps', '320000'], { folder })
    expect(text.out).toContain('6,400 cores')
    expect(text.out).toMatch(/fine\s+│\s+640.0 │\s+20.0 %/)
  })

  it('plans a spike and a cut on what it measured: ranking is a fifth of the cost here', async () => {
    const words = ['plan', 'capacity', '--from', url, '--seconds', '0.1', '--qps', '1000', '--machines', '10']
    const { out } = await run([...words, '--spike', '4', '--cut', '0.1', '--json'], { folder })
    const { spike, cut } = JSON.parse(out)
    expect(spike.machinesAtPeak).toBe(38) // 10 x 4 x (0.8 + 0.2 x 0.75)
    expect(cut.left).toBe(9)
    const few = await run(['plan', 'capacity', '--qps', '10', '--machines', '3', '--cut', '0.1'], { folder })
    expect(few.out).toContain('10 % fewer machines: 3 of 3: that is less than one machine') // two would be a third fewer
    expect(cut.steps[0]).toMatchObject({ from: 200, to: 120 }) // saves 0.2 x 0.4 = 8 %
    expect(cut.steps[1].name).toContain('retrieval')
    expect(cut.steps.map(({ name }: { name: string }) => name).join()).not.toMatch(/degraded|fallback/)
  })

  it('says what 100 M items would take, and that one process does not hold them', async () => {
    const metrics = createMetrics({ process: false })
    metrics.slate('home', 0.004, 'full')
    metrics.items(20_000)
    metrics.users(1000)
    metrics.stateBytes('items', 20e6)
    metrics.stateBytes('users', 2e6)
    const text = `${await metrics.text()}process_cpu_seconds_total 1\nprocess_resident_memory_bytes 122e6\n`
    writeFileSync(join(folder, 'state.txt'), text)
    const words = ['plan', 'capacity', '--from', 'state.txt', '--qps', '1', '--items', '100000000', '--users', '1e6']
    const { out } = await run([...words, '--json'], { folder })
    // 1000 bytes an item, 2000 a user, 100 MB in every process; 48 GB of 64 are used.
    expect(JSON.parse(out).memory).toMatchObject({ perItem: 1000, perUser: 2000, bytes: 102.1e9, parts: 3 })
    const said = await run(words, { folder })
    expect(said.out).toContain('100,000,000 items, 1,000,000 users: 102 GB were it one process')
    expect(said.out).toContain('an index ends at 60,000,000')
    expect(said.out).toContain('The state is not sharded')
    writeFileSync(join(folder, 'cost.json'), JSON.stringify({ cpuMs: 4, slates: 900 }))
    const none = await run([...words.slice(0, 3), 'cost.json', ...words.slice(4)], { folder })
    expect([none.code, none.err]).toEqual([1, expect.stringMatching(/cost.json.*what its state takes/)])
  })

  it.each([
    ['without a load', ['--from', 'http://127.0.0.1:9'], 2, /--qps 320000/],
    ['a file that is not there, before the missing load', ['--from', 'x.json'], 1, /x.json.*ERR_PLAN_INPUT/],
    ['a file that is not there', ['--from', 'x.json', '--qps', '1'], 1, /x.json.*ERR_PLAN_INPUT/],
    ['a share above one', ['--cut', '1.5'], 2, /number from 0 to 0.99/],
    ['an unknown preset', ['--preset', 'huge'], 2, /steady, spike, new-market/],
    ['a server that is not there', ['--from', 'http://127.0.0.1:9', '--qps', '1'], 1, /ERR_SERVER_UNREACHABLE/],
  ])('refuses %s', async (_, words, exit, says) => {
    const { code, out, err } = await run(['plan', 'capacity', ...words], { folder })
    expect([code, out]).toEqual([exit, ''])
    expect(err).toMatch(says)
  })
})

describe('plan budget', () => {
  it('holds a server against the worksheet', async () => {
    const { out } = await run(['plan', 'budget', '--from', url, '--seconds', '0.1', '--layer', 'fine=1', '--json'], {
      folder,
    })
    const { lines, sum, fanOut } = JSON.parse(out)
    expect(lines.find(({ layer }: { layer: string }) => layer === 'fine')).toMatchObject({
      budgetMs: 1,
      mean: expect.closeTo(2, 9),
      over: true,
    })
    expect(sum.mean).toBeCloseTo(2.5, 9)
    expect(fanOut.slowShare).toBeCloseTo(1 - 0.99 ** 10, 12)
  })

  it('takes the budgets of the profile in use', async () => {
    writeFileSync(join(folder, 'fast.json'), JSON.stringify({ budgets: { profile: '50ms' } }))
    const { out } = await run(['plan', 'budget', '--config', 'fast.json', '--json'], { folder })
    const { profile, budgetMs, lines } = JSON.parse(out)
    expect([profile, budgetMs]).toEqual(['50ms', 50])
    expect(lines).toContainEqual({ layer: 'fine', budgetMs: 8, over: false })
    expect(lines).toContainEqual({ layer: 'network', budgetMs: 6, over: false })
  })

  it('reads a saved /metrics, scales the budget, and knows no other surface', async () => {
    writeFileSync(join(folder, 'metrics.txt'), await (await fetch(url)).text())
    const { out } = await run(['plan', 'budget', '--from', 'metrics.txt', '--total', '50'], { folder })
    expect(out).toMatch(/together\s+│\s+50.0/)
    const unmeasured = await run(['plan', 'budget', '--surface', 'home'], { folder })
    expect([unmeasured.code, unmeasured.err]).toEqual([2, expect.stringContaining('--surface goes with --from')])
    const other = await run(['plan', 'budget', '--from', 'metrics.txt', '--surface', 'wall'], { folder })
    expect(other.err).toMatch(/no slate was made on surface "wall"/)
    const bad = await run(['plan', 'budget', '--layer', 'fine'], { folder })
    expect([bad.code, bad.err]).toEqual([2, expect.stringContaining('fine=30')])
    const near = await run(['plan', 'budget', '--layer', 'fin=3'], { folder })
    expect([near.code, near.out]).toEqual([2, ''])
    expect(near.err).toMatch(/layer "fin": did you mean "fine"\? Known: network, retrieve, coarse/)
  })
})

describe('plan decide', () => {
  const flags = [
    '--freshness',
    'session',
    '--cold',
    'many',
    '--experiments',
    'none',
    '--slate',
    'row',
    '--outage',
    'tight',
  ]

  it('writes a configuration that is taken, and leaves an old one alone unless forced', async () => {
    const words = ['plan', 'decide', ...flags, '--write', 'sluice.config.ts']
    const { code, out } = await run(words, { folder })
    expect(code).toBe(0)
    expect(out).toContain('surfaces.home.limit')
    const { config } = await loadConfig(folder)
    expect(planned(config).surfaces['home']).toMatchObject({ limit: 12, budgetMs: 50, rank: 120, creatorCap: 2 })
    expect(config.surfaces['next']).toEqual(completeConfig().surfaces['next'])
    const before = readFileSync(join(folder, 'sluice.config.ts'), 'utf8')
    const again = await run(words, { folder })
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('--force')])
    expect(readFileSync(join(folder, 'sluice.config.ts'), 'utf8')).toBe(before)
    expect((await run([...words, '--force'], { folder })).code).toBe(0)
  })

  it('asks a person what the flags leave open, by word or number, and again after a wrong answer', async () => {
    const answers = ['soon', '2', 'few', 'none', 'feed']
    const { code, out, err } = await run(['plan', 'decide', '--outage', 'wait'], { folder, answers })
    expect(code).toBe(0)
    expect(err).toContain('It is one of session, hours, daily')
    expect(out).toContain('retrieval.slimRefreshSeconds')
    expect(out).toMatch(/3600/)
    expect(out).toMatch(/objective.trade.primary\s+│ 0 /)
  })

  it('does not ask where nobody is, and gives up where nobody answers', async () => {
    const none = await run(['plan', 'decide', ...flags.slice(2)], { folder })
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('--freshness session|hours|daily')])
    const silent = await run(['plan', 'decide', ...flags.slice(2)], { folder, answers: [] })
    expect(silent.code).toBe(2)
  })

  it('gives it all as JSON', async () => {
    const { out } = await run(['plan', 'decide', ...flags, '--json'], { folder })
    expect(JSON.parse(out)).toMatchObject({ answers: { cold: 'many' }, config: { budgets: { profile: '50ms' } } })
  })
})
