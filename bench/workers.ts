// What threads that make slates bring: slates a second in a closed loop, their latency, the acknowledgement of events that flow
// meanwhile, processor time and memory, with 0, 1 and 2 workers, each in a process of its own over a copy of the same folder.
// With workers also who waits for whom: an event for its turn to change the state, a worker for a change, for how long a change
// keeps workers out.
//   npm run bench bench/workers.ts -- [--data FOLDER] [--seconds 20] [--events 200] [--items 20000] [--workers 0,1,2]
// Without a folder a world is made. Ratios are against the first row. The last line is JSON.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openFolder } from '../src/app/open.ts'
import { completeConfig } from '../src/domain/index.ts'
import { Random } from '../src/foundation/base/index.ts'
import { bucketsOf, createMetrics, quantileOf } from '../src/foundation/telemetry/index.ts'

/** Requests under way at any time: enough that no thread is idle. */
const AT_ONCE = 6
const BATCH = 10
const WARM_UP_S = 3

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '' },
    seconds: { type: 'string', default: '20' },
    events: { type: 'string', default: '200' },
    items: { type: 'string', default: '20000' },
    workers: { type: 'string', default: '0,1,2' },
    role: { type: 'string', default: '' },
  },
})

interface Row {
  readonly workers: number
  readonly slatesPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly full: number
  readonly ackP50: number
  readonly ackP99: number
  readonly cpuMsPerSlate: number
  /** Milliseconds, p50 and p99. */
  readonly waits: Readonly<Record<'write' | 'read' | 'held', readonly [number, number]>>
  readonly rssMb: number
  /** Of that: the arrays of the state, which lie there once. */
  readonly stateMb: number
}

const at = (sorted: number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0

async function measure(data: string, workers: number): Promise<Row> {
  const config = completeConfig({ learning: { train: false } })
  const metrics = createMetrics({ process: false })
  const one = await openFolder({ data, config, workers, metrics }, () => undefined)
  const { state } = one.parts
  const random = new Random('bench workers')
  let [over, measuring, full, sent] = [false, false, 0, 0]
  const slates: number[] = []
  const acks: number[] = []
  const asking = Array.from({ length: AT_ONCE }, async () => {
    while (!over) {
      const began = performance.now()
      const { rung } = await one.slates.make({
        surface: 'home',
        user: state.users.ids.name(random.int(state.users.size)),
      })
      if (measuring) {
        slates.push(performance.now() - began)
        if (rung === 'full') full++
      }
      await sleep(0)
    }
  })
  const sending = (async () => {
    const gap = (1000 * BATCH) / Number(values.events)
    for (let due = performance.now(); !over; due += gap) {
      await sleep(Math.max(0, due - performance.now()))
      const batch = Array.from({ length: BATCH }, () => ({
        id: `bench-${workers}-${sent++}`,
        kind: random.pick(['click', 'impression', 'watch']),
        user: state.users.ids.name(random.int(state.users.size)),
        item: state.items.ids.name(random.int(state.items.size)),
        at: Date.now(),
      }))
      const began = performance.now()
      await one.ingest.takeEvents(batch)
      if (measuring) acks.push(performance.now() - began)
    }
  })()
  await sleep(WARM_UP_S * 1000)
  measuring = true
  const earlier = await metrics.samples()
  const cpu = process.cpuUsage()
  const began = performance.now()
  await sleep(Number(values.seconds) * 1000)
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const rssMb = process.memoryUsage.rss() / 1e6
  const later = await metrics.samples()
  const ms = (name: string, having: Record<string, string> = {}): readonly [number, number] => {
    const buckets = bucketsOf(later, earlier, name, having)
    return buckets.count > 0 ? [1000 * quantileOf(buckets, 0.5), 1000 * quantileOf(buckets, 0.99)] : [0, 0]
  }
  over = true
  await Promise.all([...asking, sending])
  const standing = one.crew?.standing
  if (standing && standing.ready !== workers) throw new Error(`${standing.ready} of ${workers} workers are left`)
  await one.close()
  for (const list of [slates, acks]) list.sort((a, b) => a - b)
  return {
    workers,
    slatesPerSecond: slates.length / seconds,
    p50: at(slates, 0.5),
    p99: at(slates, 0.99),
    full: full / slates.length,
    ackP50: at(acks, 0.5),
    ackP99: at(acks, 0.99),
    cpuMsPerSlate: (user + system) / 1000 / slates.length,
    waits: {
      write: ms('sluice_state_wait_seconds', { side: 'write' }),
      read: ms('sluice_state_wait_seconds', { side: 'read' }),
      held: ms('sluice_state_held_seconds'),
    },
    rssMb,
    stateMb: Object.values(state.memory()).reduce((sum, bytes) => sum + bytes, 0) / 1e6,
  }
}

async function makeWorld(data: string): Promise<void> {
  const items = Number(values.items)
  const world = { users: Math.round(items / 4), items, days: 20, events: items * 20 }
  const one = await openFolder({ data, config: completeConfig(), world }, () => undefined)
  await one.close()
}

/** Runs a part of this bench in a process of its own. */
function inProcess(role: string, data: string): string {
  const passed = ['seconds', 'events', 'items'].flatMap((name) => [`--${name}`, String(values[name as 'seconds'])])
  const run = spawnSync(process.execPath, [process.argv[1] as string, '--role', role, '--data', data, ...passed], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (run.status !== 0) throw new Error(`The part "${role}" ended with ${run.status ?? run.signal}`)
  return run.stdout
}

/** How busy other processes keep the machine, in cores. */
function loadNow(): string {
  return existsSync('/proc/loadavg') ? (readFileSync('/proc/loadavg', 'utf8').split(' ')[0] ?? '?') : '?'
}

function report(rows: readonly Row[]): void {
  const [base] = rows
  const times = (value: number, of: number | undefined) => `${(value / (of ?? value)).toFixed(2)}x`
  process.stdout.write(
    'workers  slates/s         p50 ms  p99 ms  full   ack p50/p99 ms   CPU ms/slate    RSS MB         state MB  waits p50/p99 ms: event, worker, held\n',
  )
  for (const row of rows) {
    const cells = [
      String(row.workers).padStart(7),
      `${row.slatesPerSecond.toFixed(0).padStart(8)} ${times(row.slatesPerSecond, base?.slatesPerSecond).padStart(7)}`,
      row.p50.toFixed(1).padStart(7),
      row.p99.toFixed(1).padStart(7),
      `${(row.full * 100).toFixed(0).padStart(4)}%`,
      `${row.ackP50.toFixed(1)}/${row.ackP99.toFixed(1)}`.padStart(14),
      row.cpuMsPerSlate.toFixed(2).padStart(12),
      `${row.rssMb.toFixed(0).padStart(8)} ${times(row.rssMb, base?.rssMb)}`,
      row.stateMb.toFixed(0).padStart(12),
      ...Object.values(row.waits).map((pair) =>
        pair
          .map((wait) => wait.toFixed(1))
          .join('/')
          .padStart(11),
      ),
    ]
    process.stdout.write(`${cells.join(' ')}\n`)
  }
}

if (values.role === 'world') await makeWorld(values.data)
else if (values.role) process.stdout.write(JSON.stringify(await measure(values.data, Number(values.role))))
else {
  const root = mkdtempSync(join(tmpdir(), 'sluice-bench-workers-'))
  try {
    const first = join(root, 'first')
    if (values.data) cpSync(values.data, first, { recursive: true })
    else inProcess('world', first)
    const load = loadNow()
    const rows = values.workers.split(',').map((workers) => {
      const copy = join(root, workers)
      cpSync(first, copy, { recursive: true })
      return JSON.parse(inProcess(workers, copy)) as Row
    })
    report(rows)
    const models = existsSync(join(first, 'models')) ? readdirSync(join(first, 'models')) : []
    const about = { cores: cpus().length, load, events: Number(values.events), atOnce: AT_ONCE, models }
    process.stdout.write(`${JSON.stringify({ bench: 'workers', ...about, rows })}\n`)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
