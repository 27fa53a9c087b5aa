// How long other work waits for the event loop while big batches are taken, in one process, without HTTP:
//
//     npm run bench bench/loop.ts -- [--batch 5000] [--rounds 5]
//
// For each kind of batch: how long it takes, and how late a timer of a millisecond is meanwhile. The baseline of the same run
// is the same timer while nothing happens. Run both revisions to compare; the machine should be quiet, since a process
// that has no core is late whatever it does.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import Table from 'cli-table3'
import { createEngine } from '../src/app/index.ts'
import { completeConfig } from '../src/domain/index.ts'
import { IdTable, PairTable, Random } from '../src/foundation/base/index.ts'
import { createLog, createMetrics } from '../src/foundation/telemetry/index.ts'
import { Dedupe } from '../src/stream/events/dedupe.ts'
import { machineLine } from './spine/machine.ts'
import { numberAfter } from './spine/platform.ts'

const words = process.argv.slice(2)
const batch = numberAfter(words, '--batch') ?? 5000
const rounds = numberAfter(words, '--rounds') ?? 5
const data = mkdtempSync(join(tmpdir(), 'sluice-loop-'))
const engine = createEngine({
  ...{ data, config: completeConfig({}), metrics: createMetrics(), log: createLog('error') },
  world: { items: 20_000, users: 2000, events: 100_000 },
})
await engine.open()
const random = new Random('loop')
const items = [...engine.allItems()].map(({ id }) => id)
const users = [...engine.allUsers()].map(({ id }) => id)
const titles = ['rivers', 'trains', 'gardens', 'machines', 'songs', 'maps', 'stars', 'bread', 'clocks', 'winter']
let made = 0

const event = (kind: string, item = random.pick(items)) => ({
  ...{ id: `loop-${made++}`, kind, user: random.pick(users), item, at: Date.now() },
})
const item = () => ({
  ...{ id: `loop-item-${made++}`, title: `The ${random.pick(titles)} and the ${random.pick(titles)}, part ${made}` },
  ...{
    categories: ['news'],
    creator: `c${random.int(50)}`,
    tags: [random.pick(titles)],
    published: new Date().toISOString(),
  },
})
const many = <T>(one: () => T) => Array.from({ length: batch }, one)

const rows: { what: string; ms: number; p99: number; max: number }[] = []
/** Medians over the rounds. */
async function watched(what: string, work: () => Promise<unknown>): Promise<void> {
  const loop = monitorEventLoopDelay({ resolution: 1 })
  loop.enable()
  const each: { ms: number; p99: number; max: number }[] = []
  const late = (ns: number) => Math.max(0, ns / 1e6 - 1)
  for (let round = 0; round < rounds; round++) {
    await sleep(50)
    loop.reset()
    const began = performance.now()
    await work()
    const ms = performance.now() - began
    await sleep(5)
    each.push({ ms, p99: late(loop.percentile(99)), max: late(loop.max) })
  }
  loop.disable()
  const median = (of: 'ms' | 'p99' | 'max') => each.map((one) => one[of]).sort((a, b) => a - b)[each.length >> 1] ?? 0
  rows.push({ what, ms: median('ms'), p99: median('p99'), max: median('max') })
}

await watched('nothing', () => sleep(200))
const prepared = Array.from({ length: rounds }, () => many(() => event('click')))
await watched(`${batch} clicks`, async () => engine.events(prepared.pop() ?? []))
const shown = Array.from({ length: rounds }, () => many(() => event('impression')))
await watched(`${batch} impressions`, async () => engine.events(shown.pop() ?? []))
const same = random.pick(items)
const popular = Array.from({ length: rounds }, () => many(() => event('click', same)))
await watched(`${batch} clicks on one item`, async () => engine.events(popular.pop() ?? []))
const fresh = Array.from({ length: rounds }, () => many(item))
await watched(`${batch} new items`, async () => engine.putItems(fresh.pop() ?? []))

/** The slowest of many single additions to a table of the state, which grows on the way: milliseconds. */
function slowest(count: number, add: (n: number) => unknown): number {
  let most = 0
  for (let n = 0; n < count; n++) {
    const began = performance.now()
    add(n)
    most = Math.max(most, performance.now() - began)
  }
  return most
}
const [pairs, ids, seen] = [new PairTable(), new IdTable(), new Dedupe(2_000_000)]
const growth = {
  '2,000,000 pairs': slowest(2_000_000, (n) => pairs.slot(n % 50_000, (n * 7919) % 1_000_003)),
  '1,000,000 ids': slowest(1_000_000, (n) => ids.row(`item-${n}`)),
  '2,000,000 event ids': slowest(2_000_000, (n) => seen.add(`event-${n}`)),
}

const table = new Table({ head: ['what', 'ms', 'late p99 ms', 'late max ms'] })
for (const { what, ms, p99, max } of rows) table.push([what, ...[ms, p99, max].map((value) => value.toFixed(1))])
console.log(table.toString())
console.log('slowest single addition, while the table grows, ms:')
for (const [name, ms] of Object.entries(growth)) console.log(`  ${name}: ${ms.toFixed(1)}`)
console.log(machineLine())
mkdirSync('bench/out', { recursive: true })
writeFileSync('bench/out/loop.json', JSON.stringify({ rows, growth }, null, 2))
await engine.close()
rmSync(data, { recursive: true, force: true })
process.exit(0)
