// How long an event takes to change the next slate, end to end over HTTP: a probe asks for a slate, clicks its first
// item, and asks again until the item is gone (seen items leave), while other events flow at a steady rate.
// Prints (a) the acknowledgement and (b) the answer of the first slate that reflects the event, both from the moment
// the event was sent, in ms: p50, p99, max; writes bench/out/visibility.json.
// Run: npm run bench bench/visibility.ts [probes] [other events per second] [world: small, default, large]
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { build } from 'hdr-histogram-js'
import { Pool } from 'undici'
import { Random } from '../src/foundation/base/index.ts'

const [probes = 500, rate = 500] = process.argv.slice(2, 4).map(Number)
const world = process.argv[4] ?? 'default'
/** Other events in one request. */
const BATCH = 10
/** Slates asked for before a probe counts as lost. */
const ASKED_MAX = 100
/** Longest pause between two probes. */
const PAUSE_MS = 40

const data = mkdtempSync(join(tmpdir(), 'sluice-visibility-'))
const server = spawn(
  process.execPath,
  ['bin/sluice.js', 'up', '--data', data, '--world', world, '--port', '0', '--json'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
try {
  await measure(await addressOf(server))
} finally {
  server.kill('SIGTERM')
  await once(server, 'exit')
  rmSync(data, { recursive: true, force: true })
}

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  let printed = ''
  for await (const piece of stdout ?? []) {
    printed += String(piece)
    if (printed.includes('\n')) break
  }
  return (JSON.parse(printed) as { url: string }).url
}

interface Slate {
  readonly slate: string
  readonly items: readonly { readonly item: string; readonly position: number }[]
}

async function measure(url: string): Promise<void> {
  const pool = new Pool(url, { connections: 16 })
  const post = async (path: string, value: object): Promise<unknown> => {
    const { statusCode, body } = await pool.request({
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(value),
    })
    if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${await body.text()}`)
    return body.json()
  }
  const slateOf = async (user: string) => (await post('/v1/slates', { surface: 'home', user, limit: 10 })) as Slate
  const random = new Random('visibility')
  const known = (await slateOf('somebody')).items.map(({ item }) => item)

  let flowing = true
  let others = 0
  const began = performance.now()
  const flow = (async () => {
    const under = new Set<Promise<unknown>>()
    for (let batch = 0; flowing; batch++) {
      const due = began + (batch * BATCH * 1000) / rate
      if (due > performance.now()) await wait(due - performance.now())
      const events = Array.from({ length: BATCH }, (_, k) => ({
        id: `other-${batch}-${k}`,
        kind: 'impression',
        user: `u${String(1 + random.int(300)).padStart(5, '0')}`,
        item: random.pick(known),
        at: Date.now(),
      }))
      const sent: Promise<unknown> = post('/v1/events', { events }).finally(() => under.delete(sent))
      under.add(sent)
      others += BATCH
    }
    await Promise.all(under)
  })()

  const acknowledged = build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 })
  const visible = build({ highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3 })
  let first = 0
  for (let probe = 0; probe < probes; probe++) {
    const user = `probe-${probe}`
    const { slate, items } = await slateOf(user)
    const { item, position } = items[0] ?? { item: '', position: 0 }
    const event = { id: `probe-${probe}`, kind: 'click', user, item, slate, position, at: Date.now() }
    const sent = performance.now()
    await post('/v1/events', { events: [event] })
    acknowledged.recordValue(Math.max(1, Math.round((performance.now() - sent) * 1000)))
    for (let asked = 1; ; asked++) {
      const next = await slateOf(user)
      if (!next.items.some((one) => one.item === item)) {
        if (asked === 1) first++
        break
      }
      if (asked === ASKED_MAX) throw new Error(`probe ${probe}: ${asked} slates later ${item} is still shown`)
    }
    visible.recordValue(Math.max(1, Math.round((performance.now() - sent) * 1000)))
    await wait(random.next() * PAUSE_MS)
  }
  const seconds = (performance.now() - began) / 1000
  flowing = false
  await flow
  await pool.close()

  const figures = (of: typeof visible) => ({
    p50: of.getValueAtPercentile(50) / 1000,
    p99: of.getValueAtPercentile(99) / 1000,
    max: of.maxValue / 1000,
  })
  const report = {
    world,
    probes,
    otherEventsPerSecond: Math.round(others / seconds),
    reflectedByFirstSlate: first,
    acknowledgedMs: figures(acknowledged),
    visibleMs: figures(visible),
    node: process.version,
    processors: cpus().length,
  }
  mkdirSync('bench/out', { recursive: true })
  writeFileSync('bench/out/visibility.json', `${JSON.stringify(report, null, 2)}\n`)
  console.log(JSON.stringify(report, null, 2))
}
