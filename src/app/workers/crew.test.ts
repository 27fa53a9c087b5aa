import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { execFileSync } from 'node:child_process'
import { completeConfig, type ConfigInput, type SlateRequest } from '../../domain/index.ts'
import { manualClock, Random } from '../../foundation/base/index.ts'
import { createMetrics, type Metrics, total, totalsBy } from '../../foundation/telemetry/index.ts'
import { parseFaults } from '../../serving/ladder/index.ts'
import { type Opened, openFolder } from '../open.ts'

const DAY = 86_400_000
const NOW = Date.now() - DAY
const SURFACES = ['home', 'next', 'search'] as const
/** Equal slates need time enough on any machine, and lists that were made of the same events. */
const CALM = 60_000
const stages = { retrievalMs: 9000, coarseMs: 9000, featuresMs: 9000, fineMs: 9000, rerankMs: 9000, marginMs: 0 }
const calm: ConfigInput = {
  retrieval: { listRefreshMs: 0 },
  budgets: { profile: 'calm', profiles: { calm: { budgetMs: CALM, ...stages } } },
  surfaces: Object.fromEntries(SURFACES.map((name) => [name, { budgetMs: CALM }])),
  ladder: { waitTargetMs: 5000 },
}

const folders: string[] = []
const opened: Opened[] = []
beforeAll(() => void execFileSync(process.execPath, ['scripts/build.js']), 60_000) // the threads run what is built
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

async function open(workers: number, input: ConfigInput = calm, metrics?: Metrics): Promise<Opened> {
  const data = mkdtempSync(join(tmpdir(), 'sluice-workers-'))
  folders.push(data)
  const options = { data, config: completeConfig(input), workers, ...(metrics && { metrics }) }
  const one = await openFolder(options, () => undefined)
  opened.push(one)
  return one
}

const item = (i: number, more: object = {}) => ({
  id: `i${i}`,
  title: `${['Quiet', 'Bright', 'Early'][i % 3]} ${['jazz', 'chess', 'bread', 'stars'][i % 4]} ${i}`,
  creator: `c${i % 9}`,
  categories: [['music', 'games', 'food'][i % 3]],
  tags: [['live', 'short', 'long'][i % 3]],
  published: NOW - (i % 40) * DAY,
  ...more,
})

/** Events of a seeded past, each with a moment of its own. */
function events(from: number, count: number, items: number) {
  const random = new Random(`events ${from}`)
  return Array.from({ length: count }, (_, n) => ({
    id: `e${from + n}`,
    kind: random.pick(['click', 'watch', 'impression', 'like']),
    user: `u${random.int(60)}`,
    item: `i${Math.floor(random.next() ** 2 * items)}`,
    at: NOW - DAY + (from + n) * 1000,
    country: random.pick(['DE', 'JP', 'BR']),
    value: random.int(90),
  }))
}

async function fill({ ingest }: Opened, items = 300, count = 3000): Promise<void> {
  await ingest.takeItems(Array.from({ length: items }, (_, i) => item(i)))
  await ingest.takeUsers(Array.from({ length: 40 }, (_, u) => ({ id: `u${u}`, country: 'DE', age: 20 + u })))
  for (let from = 0; from < count; from += 500) await ingest.takeEvents(events(from, 500, items), { historical: true })
}

const wishes: SlateRequest[] = Array.from({ length: 24 }, (_, n) => ({
  surface: SURFACES[n % 3] as string,
  user: `u${(n * 7) % 60}`,
  at: NOW,
  seed: 'same',
  ...(n % 3 === 1 ? { item: `i${n * 3}` } : {}),
  ...(n % 3 === 2 ? { query: 'bright jazz' } : {}),
}))

async function slatesOf({ slates }: Opened) {
  const made = await Promise.all(wishes.map((wish) => slates.make(wish)))
  // How long it took is no part of it, nor is the signature of the folder's own secret.
  return made.map(({ stages: _, cursor, ...rest }) => ({ ...rest, cursor: cursor?.split('.')[0] }))
}

/** A thread with which nothing was wrong, and that does nothing now. */
const idle = { ready: true, failed: 0, lost: 0, restarts: 0, requests: 0 }

describe('slates made by threads', () => {
  it('are those that one thread makes, also when events come, the catalogue grows and a user is erased', async () => {
    const [alone, crew] = [await open(0), await open(2)]
    for (const one of [alone, crew]) await fill(one)
    const first = await slatesOf(alone)
    expect(first.every(({ items }) => (items?.length ?? 0) > 0)).toBe(true)
    expect(await slatesOf(crew)).toEqual(first)
    for (const { ingest, parts } of [alone, crew]) {
      // Attributes nobody had, more of everything than fits, items that change and go.
      await ingest.takeItems(
        Array.from({ length: 900 }, (_, i) => item(i + 200, { attributes: { level: i, mood: `m${i}` } })),
      )
      await ingest.takeEvents(events(3000, 1500, 1100), { historical: true })
      for (const gone of ['i1', 'i2', 'i205']) await ingest.deleteItem(gone)
      await ingest.forget('u7', [])
      parts.build()
    }
    crew.crew?.share()
    const second = await slatesOf(alone)
    expect(second).not.toEqual(first)
    expect(await slatesOf(crew)).toEqual(second)
    expect(crew.crew?.standing).toMatchObject({ wanted: 2, ready: 2, here: 0, threads: [idle, idle] })
    const made = crew.crew?.standing.threads.reduce((sum, thread) => sum + thread.made, 0)
    expect(made).toBe(2 * wishes.length)
  })

  it('count as if this one had made them: portfolio, explanation, credit for a click, kept slates of a user', async () => {
    const [alone, crew] = [await open(0), await open(1)]
    const told: unknown[] = []
    for (const one of [alone, crew]) {
      await fill(one)
      for (const wish of wishes) await one.slates.make(wish)
      const { slate, items } = await one.slates.make({ surface: 'home', user: 'u0', at: NOW, seed: 'mine' })
      const clicked = { id: 'click', kind: 'click', user: 'u0', item: items[0]?.item, slate, at: NOW }
      await one.ingest.takeEvents([clicked])
      const { stages: _, sources: __, funnel, ...record } = one.served?.find(slate) ?? {}
      const rows = one.parts.portfolio.report().rows.map(({ msMean: _, msMax: __, ...row }) => row)
      const steps = funnel?.filter(({ step }) => step !== 'wait')
      told.push({ record, steps, rows, kept: await one.slates.forget('u0'), again: await one.slates.forget('u0') })
    }
    expect(told[1]).toEqual(told[0])
    expect(told[0]).toMatchObject({ again: 0 })
  })

  it('fail as they do here, and by faults that are injected', async () => {
    const one = await open(1, { ...calm, ladder: { faults: true } })
    await fill(one, 50, 500)
    await expect(one.slates.make({ surface: 'nowhere' })).rejects.toMatchObject({
      code: 'ERR_SURFACE_UNKNOWN',
      status: 400,
      message: expect.stringContaining('nowhere') as string,
    })
    one.crew?.inject([{ fault: 'retrieval-down', probability: 1, ms: 0 }])
    expect((await one.slates.make({ surface: 'home', user: 'u1' })).rung).not.toBe('full')
    one.crew?.inject([])
  })
})

describe('threads that are killed on purpose', () => {
  const faulty: ConfigInput = { ...calm, ladder: { ...calm.ladder, faults: true } }

  it('over and over: no request fails, and the server makes the slates when no thread is left', async () => {
    const metrics = createMetrics({ process: false })
    const one = await open(2, faulty, metrics)
    await fill(one, 100, 500)
    one.crew?.inject(parseFaults('worker-killed'))
    for (let n = 0; n < 12; n++) {
      const { items } = await one.slates.make({ surface: 'home', user: `u${n}` })
      expect(items.length).toBeGreaterThan(0)
    }
    const { ready, here, threads } = one.crew?.standing ?? { ready: -1, here: 0, threads: [] }
    expect(ready).toBeLessThan(2)
    expect(here).toBeGreaterThan(0)
    expect(threads.reduce((sum, { lost }) => sum + lost, 0)).toBeGreaterThanOrEqual(2)
    one.crew?.inject([])
    for (let wait = 0; wait < 400 && (one.crew?.standing.ready ?? 0) < 2; wait++) await sleep(25)
    const before = one.crew?.standing.here
    await one.slates.make({ surface: 'home', user: 'u1' })
    expect(one.crew?.standing).toMatchObject({ ready: 2, here: before })
    const told = await metrics.samples()
    const madeBy = totalsBy(told, 'sluice_worker_slates_total', 'worker', { result: 'made' })
    expect(madeBy.get('server')).toBe(before)
    expect(total(told, 'sluice_worker_restarts_total')).toBe(
      one.crew?.standing.threads.reduce((sum, { restarts }) => sum + restarts, 0),
    )
    expect(total(told, 'sluice_state_held_seconds_count')).toBeGreaterThan(0)
    expect(total(told, 'sluice_state_wait_seconds_count', { side: 'write' })).toBeGreaterThan(0)
  })
})

it('refuses threads beside a clock of one’s own, before it touches the folder', async () => {
  const data = join(tmpdir(), 'sluice-workers-never-made')
  const options = { data, config: completeConfig(calm), workers: 1, clock: manualClock(NOW) }
  await expect(openFolder(options, () => undefined)).rejects.toMatchObject({
    code: 'ERR_CONFIG_INVALID',
    message: expect.stringContaining('server.workers') as string,
  })
  expect(existsSync(data)).toBe(false)
})

describe('a thread that is lost', () => {
  it('costs no request and no event, and another takes its place', async () => {
    const one = await open(2)
    await fill(one, 200, 1000)
    const before = one.ingest.events
    let over = false
    let made = 0
    let sent = 0
    const asking = Array.from({ length: 4 }, async (_, n) => {
      while (!over) {
        const { items } = await one.slates.make({ surface: 'home', user: `u${(n * 13 + made) % 60}` })
        expect(items.length).toBeGreaterThan(0)
        made++
        await turn() // as a server does between two requests
      }
    })
    const sending = (async () => {
      while (!over) {
        const report = await one.ingest.takeEvents(events(10_000 + sent, 20, 200), { historical: true })
        sent += report.accepted
        await sleep(1)
      }
    })()
    for (const thread of [0, 1, 0]) {
      await sleep(150)
      await one.crew?.lose(thread)
    }
    for (let wait = 0; wait < 400 && (one.crew?.standing.ready ?? 0) < 2; wait++) await sleep(25)
    over = true
    await Promise.all([...asking, sending])
    expect(one.crew?.standing).toMatchObject({ ready: 2, threads: [{ restarts: 2 }, { restarts: 1 }] })
    expect(made).toBeGreaterThan(50)
    expect(one.ingest.events - before).toBe(sent)
  })
})
