/**
 * What a simulated world costs: planting, the history, the interleaved entries (records included), memory held - beside
 * a bare loop that only makes as many event objects by lot, in the same process: what behaviour costs on top of that.
 * Each size in a fresh process, ROUNDS times; medians. Run:
 *
 *     npm run bench bench/world.ts
 *
 * Writes bench/out/world.json.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import Table from 'cli-table3'
import { Random } from '../src/foundation/base/index.ts'
import type { EventInput } from '../src/domain/index.ts'
import { createWorld } from '../src/world/index.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 3)
const sizes = [
  { name: '100 k', users: 1700, items: 5000, events: 100_000 },
  { name: 'default', users: 5000, items: 10_000, events: 300_000 },
  { name: '1 M', users: 16_000, items: 10_000, events: 1_000_000 },
  { name: '1 M, large catalogue', users: 16_000, items: 100_000, events: 1_000_000 },
]

interface Measured {
  readonly events: number
  readonly plantMs: number
  readonly historyMs: number
  readonly bareMs: number
  readonly entriesMs: number
  readonly heldMb: number
  readonly peakMb: number
}

/** The baseline: events of lots, without anybody behind them. */
function* bareEvents(count: number, users: number, items: number): Generator<EventInput> {
  const random = new Random('bare')
  for (let n = 0; n < count; n++) {
    const user = `u${random.int(users)}`
    const slate = `h${(n >> 3).toString(36)}`
    const item = `v${random.int(items)}`
    yield { id: `${slate}.${n}`, kind: 'impression', user, item, slate, surface: 'home', position: n & 7, at: n }
  }
}

function measure(index: number): Measured {
  const { name: _, ...options } = sizes[index]
  let started = performance.now()
  const lap = () => {
    const ms = performance.now() - started
    started = performance.now()
    return ms
  }
  const world = createWorld(options)
  const plantMs = lap()
  let events = 0
  for (const _event of world.history()) events++
  const historyMs = lap()
  for (const _event of bareEvents(events, options.users, options.items)); // only the time it takes matters
  const bareMs = lap()
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  started = performance.now()
  for (const _entry of world.entries()); // only the time it takes matters
  const entriesMs = lap()
  const peakMb = process.resourceUsage().maxRSS / 1024
  return { events, plantMs, historyMs, bareMs, entriesMs, heldMb: (heapUsed + arrayBuffers) / 2 ** 20, peakMb }
}

const child = process.env['WORLD_BENCH_SIZE']
if (child !== undefined) {
  process.stdout.write(JSON.stringify(measure(Number(child))))
} else {
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]
  const rows = sizes.map(({ name }, index) => {
    const rounds = Array.from({ length: ROUNDS }, () => {
      const run = spawnSync(process.execPath, [...process.execArgv, process.argv[1]], {
        env: { ...process.env, WORLD_BENCH_SIZE: String(index) },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      return JSON.parse(run.stdout.toString()) as Measured
    })
    const of = (key: keyof Measured) => Math.round(median(rounds.map((round) => round[key])))
    const events = of('events')
    return {
      name,
      events,
      plantMs: of('plantMs'),
      historyMs: of('historyMs'),
      eventsPerSecond: Math.round((events / of('historyMs')) * 1000),
      timesBare: Number((of('historyMs') / of('bareMs')).toFixed(1)),
      entriesMs: of('entriesMs'),
      heldMb: of('heldMb'),
      peakMb: of('peakMb'),
    }
  })
  const table = new Table({
    head: ['world', 'events', 'plant ms', 'history ms', 'events/s', 'x bare', 'entries ms', 'held MB', 'peak MB'],
  })
  for (const row of rows) table.push(Object.values(row))
  console.log(table.toString())
  mkdirSync('bench/out', { recursive: true })
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }
  writeFileSync('bench/out/world.json', JSON.stringify({ machine, rounds: ROUNDS, rows }, null, 2))
}
