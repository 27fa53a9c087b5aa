// The whole slate in one process, open loop: npm run bench bench/slates.ts [ITEMS] [USERS] [SECONDS]
// Poisson arrivals; latency counts from the moment a request was due, so waiting is not hidden. The baseline of the
// same run is the plainest recommender there is: filter the catalogue as objects, sort by popularity, take twenty.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Table from 'cli-table3'
import { createEngine, type Engine } from '../src/app/index.ts'
import { completeConfig, type SlateRequest } from '../src/domain/index.ts'
import { Random } from '../src/foundation/base/index.ts'

const [items = 100_000, users = 20_000, seconds = 8] = process.argv.slice(2).map(Number)
const RATES = [50, 100, 200, 300, 400]
const EVENTS_PER_SECOND = 500

const data = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
const options = { data, config: completeConfig(), world: { items, users, events: users * 30 } }

async function open(): Promise<{ engine: Engine; ms: number }> {
  const began = performance.now()
  const engine = createEngine(options)
  await engine.open()
  return { engine, ms: performance.now() - began }
}

const first = await open()
await first.engine.close()
const { engine, ms: reopenMs } = await open()
const status = engine.status()
const random = new Random('bench')
const ids = {
  items: [...engine.allItems()].map((item) => item.id),
  users: [...engine.allUsers()].map((user) => user.id),
}

/** Requests in the published mix of surfaces: home 80, next 200, search 40. */
function wish(): SlateRequest {
  const draw = random.int(320)
  const user = random.pick(ids.users)
  if (draw < 80) return { surface: 'home', user }
  if (draw < 280) return { surface: 'next', user, item: random.pick(ids.items) }
  return {
    surface: 'search',
    user,
    query: random.pick(['jazz guitar', 'chess opening', 'bread', 'moon telescope', 'yoga']),
  }
}

interface Figures {
  readonly rate: number
  readonly answered: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly cpuMs: number
  readonly full: number
}

async function openLoop(rate: number, work: (i: number) => Promise<{ rung: string }>): Promise<Figures> {
  const latencies: number[] = []
  let full = 0
  const running: Promise<void>[] = []
  const start = performance.now()
  const cpu = process.cpuUsage()
  let due = start
  for (let i = 0; due < start + seconds * 1000; i++) {
    due += random.exponential(1000 / rate)
    const wait = due - performance.now()
    if (wait > 1) await sleep(wait)
    else if (i % 8 === 0) await sleep(0)
    const mine = due
    running.push(
      work(i).then(({ rung }) => {
        latencies.push(performance.now() - mine)
        if (rung === 'full') full++
      }),
    )
  }
  await Promise.all(running)
  const used = process.cpuUsage(cpu)
  latencies.sort((a, b) => a - b)
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? Number.NaN
  const cpuMs = (used.user + used.system) / 1000 / latencies.length
  return {
    rate,
    answered: latencies.length,
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
    cpuMs,
    full: full / latencies.length,
  }
}

/** The baseline. */
const catalogue = [...engine.allItems()].map((item, i) => ({ ...item, popularity: (i * 7919) % items }))
const seen = new Set(ids.items.slice(0, 100))
const naive = async (): Promise<{ rung: string }> => {
  const now = Date.now()
  catalogue
    .filter((item) => !item.hidden && Number(new Date(item.published ?? 0)) <= now && !seen.has(item.id))
    .sort((a, b) => b.popularity - a.popularity)
    .slice(0, 20)
  return { rung: 'full' }
}

let made = 0
const events = setInterval(() => {
  const batch = Array.from({ length: EVENTS_PER_SECOND / 10 }, () => ({
    id: `bench-${made++}`,
    kind: random.chance(0.8) ? 'impression' : 'click',
    user: random.pick(ids.users),
    item: random.pick(ids.items),
    at: Date.now(),
  }))
  engine.events(batch).catch((error: unknown) => {
    throw error
  })
}, 100)

for (let i = 0; i < 500; i++) await engine.slate(wish())
const rows: (Figures & { name: string })[] = []
rows.push({ name: 'naive sort', ...(await openLoop(5, naive)) })
for (const rate of RATES) rows.push({ name: 'slate', ...(await openLoop(rate, () => engine.slate(wish()))) })
clearInterval(events)

const table = new Table({ head: ['what', 'per s', 'answered', 'p50 ms', 'p99 ms', 'p99.9 ms', 'CPU ms', 'full rung'] })
for (const row of rows) {
  const { name, rate, answered, p50, p99, p999, cpuMs, full } = row
  table.push([
    name,
    rate,
    answered,
    p50.toFixed(2),
    p99.toFixed(2),
    p999.toFixed(2),
    cpuMs.toFixed(2),
    `${(full * 100).toFixed(1)} %`,
  ])
}
const baseline = rows[0]?.p50 ?? Number.NaN
console.log(table.toString())
console.log(
  `p50 at 100/s is ${(baseline / (rows.find((row) => row.rate === 100)?.p50 ?? Number.NaN)).toFixed(1)} times faster than the naive sort`,
)

const memory = Object.fromEntries(Object.entries(status.memory).map(([name, bytes]) => [name, bytes]))
const total = Object.values(memory).reduce((sum, bytes) => sum + bytes, 0)
const byPart = new Table({ head: ['state', 'MB'] })
for (const [name, bytes] of Object.entries(memory).sort((a, b) => b[1] - a[1]))
  byPart.push([name, (bytes / 1e6).toFixed(1)])
byPart.push(['all', (total / 1e6).toFixed(1)])
console.log(byPart.toString())
const perEntry = {
  bytesPerItem: Math.round(total / status.items),
  userBytesPerUser: Math.round(((memory['users'] ?? 0) + (memory['histories'] ?? 0)) / status.users),
  rssMb: Math.round(process.memoryUsage().rss / 1e6),
}
console.log(
  `${status.items} items, ${status.users} users, ${status.events} events; whole state ${perEntry.bytesPerItem} bytes per item;`,
)
console.log(
  `profile, history and seen items ${perEntry.userBytesPerUser} bytes per user; resident ${perEntry.rssMb} MB`,
)
console.log(
  `first start ${(first.ms / 1000).toFixed(1)} s, restart ${(reopenMs / 1000).toFixed(1)} s (${Math.round(status.events / (reopenMs / 1000))} events/s replayed, builds included)`,
)
console.log(`${cpus()[0]?.model}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`)
mkdirSync('bench/out', { recursive: true })
writeFileSync(
  'bench/out/slates.json',
  JSON.stringify({ rows, memory, perEntry, firstStartMs: first.ms, reopenMs, load: loadavg()[0] }, null, 2),
)
await engine.close()
rmSync(data, { recursive: true, force: true })
process.exit(0)
