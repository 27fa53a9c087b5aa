// What memory grows with, faster than the clock: events and slates of the simulated users go through the engine in this
// process, hours of them in minutes. Prints, as events are folded, the state, its parts that grew, and what is beside the
// state: heap and arrays, collected first. Caches fill and the state comes nearer to its bounds; a leak would go on.
//
//     npm run bench bench/growth.ts -- [--items 100000] [--users 50000] [--events 1400000] [--per-slate 17]
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import Table from 'cli-table3'
import { openFolder } from '../src/app/open.ts'
import { worldTraffic } from '../src/cli/load/world-traffic.ts'
import { completeConfig } from '../src/domain/index.ts'
import { manualClock, systemClock } from '../src/foundation/base/index.ts'
import { machine, machineLine } from './spine/machine.ts'
import { numberAfter, platformFolder, scratchOf, worldOf } from './spine/platform.ts'
import { playsRole } from './spine/roles.ts'

const ROWS = 14
const BATCH = 1000
/** Of simulated time between two slates. */
const STEP_MS = 33
/** In the published mix, rounded. */
const SURFACES = ['home', 'next', 'next', 'search'] as const

interface Row {
  readonly events: number
  readonly residentMb: number
  readonly heapMb: number
  readonly stateMb: number
  readonly besideMb: number
  readonly parts: Readonly<Record<string, number>>
}

if (!(await playsRole())) await bench(process.argv.slice(2))

async function bench(words: readonly string[]): Promise<void> {
  const items = numberAfter(words, '--items') ?? 100_000
  const users = numberAfter(words, '--users') ?? 50_000
  const total = numberAfter(words, '--events') ?? 1_400_000
  const perSlate = numberAfter(words, '--per-slate') ?? 17
  const folder = await platformFolder({ items, users, events: 10 * users })
  const data = scratchOf(folder)
  let now = systemClock.now()
  const clock = manualClock(now)
  const { slates, ingest, close } = await openFolder({ data, config: completeConfig(), clock }, () => undefined)
  const traffic = worldTraffic(worldOf(folder), 'growth', 'growth')
  const rows: Row[] = [row(0, ingest.memory())]
  for (let sent = BATCH; sent <= total; sent += BATCH) {
    for (let i = 0; i < BATCH / perSlate; i++) {
      clock.set((now += STEP_MS))
      const wish = traffic.request(SURFACES[i % SURFACES.length] as string)
      traffic.answered(wish, await slates.make(wish))
    }
    await ingest.takeEvents(traffic.events(BATCH, now))
    if (sent % (Math.ceil(total / BATCH / ROWS) * BATCH) === 0) rows.push(row(sent, ingest.memory()))
  }
  await close()
  rmSync(data, { recursive: true, force: true })
  console.log(tableOf(rows))
  console.log(`${items} items, ${users} users; ${machineLine()}`)
  mkdirSync('bench/out', { recursive: true })
  writeFileSync('bench/out/growth.json', JSON.stringify({ machine: machine(), rows }, undefined, 2))
}

function row(events: number, memory: Readonly<Record<string, number>>): Row {
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  const state = Object.values(memory).reduce((sum, bytes) => sum + bytes, 0)
  const parts = Object.fromEntries(Object.entries(memory).map(([part, bytes]) => [part, bytes / 1e6]))
  const figures = { residentMb: rss, heapMb: heapUsed, stateMb: state, besideMb: heapUsed + external - state }
  const inMb = Object.fromEntries(Object.entries(figures).map(([name, bytes]) => [name, bytes / 1e6]))
  return { events, ...(inMb as typeof figures), parts }
}

function tableOf(rows: readonly Row[]): string {
  const head = ['events', 'resident MB', 'heap MB', 'state MB', 'beside the state MB', 'of the state grew']
  const table = new Table({ style: { head: [], border: [] }, head })
  for (const [i, { events, residentMb, heapMb, stateMb, besideMb, parts }] of rows.entries()) {
    const grew = Object.entries(parts)
      .map(([part, mb]) => ({ part, more: mb - (rows[i - 1]?.parts[part] ?? mb) }))
      .filter(({ more }) => more > 0.05)
      .sort((a, b) => b.more - a.more)
    const told = grew.map(({ part, more }) => `${part} ${more.toFixed(1)}`).join(', ')
    table.push([events, ...[residentMb, heapMb, stateMb, besideMb].map((mb) => mb.toFixed(0)), told])
  }
  return table.toString()
}
