/**
 * Online features: one batched read of candidates and their viewer, by driver and shape, beside each other in one run.
 * Shapes are candidates x columns; a shape's columns are whole definitions, repeated until there are so many. Prints
 * p50 / p99 / p99.9 in milliseconds and ratios against the embedded columns, and writes bench/out/online-features.json.
 *
 *     node scripts/run.js bench/online-features.ts [reads] [items] [users]
 *
 * Redis is started from the `redis-server` of this machine, on a unix socket and a TCP port; without one these rows are
 * left out.
 */
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createServer } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Table from 'cli-table3'
import { Deadline, HOUR, Random, systemClock } from '../src/foundation/base/index.ts'
import { completeConfig, Kinds } from '../src/domain/index.ts'
import { testQuery } from '../src/serving/pipeline/testing/query.ts'
import type { FeatureReader } from '../src/serving/pipeline/index.ts'
import { embeddedReader } from '../src/serving/features/embedded.ts'
import { Publisher } from '../src/serving/features/publisher.ts'
import { redisStore } from '../src/serving/features/redis-store.ts'
import { StoredColumns } from '../src/serving/features/stored-columns.ts'
import { StoredReader } from '../src/serving/features/stored-reader.ts'
import { memoryStore, type ValueStore } from '../src/serving/features/value-store.ts'
import { State } from '../src/stream/catalog/index.ts'
import { Features } from '../src/stream/features/index.ts'

const [reads = 1000, itemCount = 20_000, userCount = 5000] = process.argv.slice(2).map(Number)
const shapes = [
  [1, 250],
  [100, 50],
  [200, 64],
  [200, 500],
] as const
const NOW = Date.now()
/** As published in 2022 by Feast itself (feast.dev/blog), on a c5.4xlarge with Redis on the same host, at the client. */
const published = 'Feast, p99 with a server process and Redis behind it: Java 1.3 ms (1 x 250), Go 22 ms (100 x 50)'

const state = new State(new Kinds())
const features = new Features(state, completeConfig().ranking)
fill()

function fill(): void {
  const random = new Random('online')
  const low = (count: number) => Math.floor(count ** random.next()) - 1
  for (let i = 0; i < itemCount; i++) {
    const categories = [`k${random.int(40)}`, `k${random.int(40)}`]
    state.apply({
      type: 'item',
      at: NOW - 90 * HOUR,
      item: { id: `i${i}`, title: `T ${i}`, creator: `c${low(itemCount / 20)}`, categories },
    })
  }
  const kinds = ['impression', 'impression', 'impression', 'click', 'watch', 'like'] as const
  for (let n = 0; n < itemCount * 10; n++) {
    const at = NOW - ((itemCount * 10 - n) * 72 * HOUR) / (itemCount * 10)
    const event = {
      id: `e${n}`,
      kind: random.pick(kinds),
      user: `u${random.int(userCount)}`,
      item: `i${low(itemCount)}`,
    }
    state.apply({ type: 'event', event: { ...event, at, receivedAt: at } })
  }
}

/** The features with whole definitions taken, and repeated, until there are so many columns. */
function shaped(columns: number): Features {
  const definitions: (typeof features.definitions)[number][] = []
  let count = 0
  for (let i = 0; count < columns; i = (i + 1) % features.definitions.length) {
    const next = features.definitions[i] as (typeof features.definitions)[number]
    const dims = next.dims.slice(0, columns - count)
    if (dims.length < next.dims.length) {
      const one = features.definitions.find(({ dims: d }) => d.length === 1) as typeof next
      for (; count < columns; count++) definitions.push(one)
    } else {
      definitions.push(next)
      count += dims.length
    }
  }
  const names = definitions.flatMap(({ dims }) => dims)
  const read: Features['read'] = (ask, rows, out) => {
    let offset = 0
    for (const definition of definitions) {
      definition.fill(ask, rows, out, names.length, offset)
      offset += definition.dims.length
    }
  }
  return Object.assign(Object.create(features) as Features, { definitions, names, digest: `bench${columns}`, read })
}

interface Driver {
  readonly name: string
  open(of: Features): Promise<{ reader: FeatureReader; close(): Promise<void> }>
}

function inStore(name: string, make: () => Promise<ValueStore>, down = false): Driver {
  return {
    name,
    async open(of) {
      const inner = await make()
      let isDown = false
      const store: ValueStore = {
        ...inner,
        get: (keys) => (isDown ? Promise.reject(new Error('down')) : inner.get(keys)),
      }
      const columns = new StoredColumns(of)
      const config = { ...completeConfig().features, deadlineMs: 1000, freshMs: 86_400_000 }
      const parts = { state, columns, store, config, clock: systemClock }
      const reader = new StoredReader(parts)
      await new Publisher({ ...parts, failed: (error) => console.error(error) }).publishAll()
      if (down) {
        for (let i = 0; i < 200; i++) await measureOnce(reader, new Random(`warm ${i}`), 200)
        isDown = true
      }
      return { reader, close: () => inner.close() }
    },
  }
}

async function measureOnce(reader: FeatureReader, random: Random, candidates: number): Promise<number> {
  const rows = Uint32Array.from({ length: candidates }, () => Math.floor(itemCount ** random.next()) - 1)
  const query = testQuery({ at: NOW })
  const user = random.int(state.users.size)
  const asked = { ...query, viewer: { ...query.viewer, row: user } }
  const out = new Float32Array(candidates * reader.names.length)
  const began = performance.now()
  const given = reader.read(asked, rows, out, new Deadline(systemClock, 1000))
  if (given instanceof Promise) await given
  return performance.now() - began
}

async function redis(): Promise<{ drivers: Driver[]; stop(): Promise<void> }> {
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    console.log('there is no redis-server on this machine: its rows are left out')
    return { drivers: [], stop: async () => undefined }
  }
  const folder = fs.mkdtempSync(join(tmpdir(), 'sluice-redis-'))
  const socket = join(folder, 'redis.sock')
  const port = await freePort()
  const options = ['--port', String(port), '--unixsocket', socket, '--save', '', '--appendonly', 'no', '--dir', folder]
  const server = spawn('redis-server', options, { stdio: 'ignore' })
  for (let tries = 0; !fs.existsSync(socket) && tries < 1000; tries++) await sleep(10)
  return {
    drivers: [
      inStore('redis, unix socket', () => redisStore(`redis+unix://${socket}`)),
      inStore('redis, TCP', () => redisStore(`redis://127.0.0.1:${port}`)),
    ],
    async stop() {
      const gone = new Promise((resolve) => server.once('exit', resolve))
      server.kill()
      await gone
      fs.rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

const { drivers: redisDrivers, stop } = await redis()
const drivers: Driver[] = [
  { name: 'embedded', open: async (of) => ({ reader: embeddedReader(of), close: async () => undefined }) },
  inStore('memory store', async () => memoryStore()),
  inStore('kept values, store down', async () => memoryStore(), true),
  ...redisDrivers,
]
const results: object[] = []
const table = new Table({ head: ['p50 / p99 / p99.9 ms', ...shapes.map(([n, c]) => `${n} x ${c}`)] })
const cells = drivers.map(({ name }) => [name])
for (const [candidates, columns] of shapes) {
  const of = shaped(columns)
  let base = Number.NaN
  for (const [d, driver] of drivers.entries()) {
    const { reader, close } = await driver.open(of)
    const random = new Random('reads')
    const times: number[] = []
    const cpu = process.cpuUsage()
    for (let i = -Math.ceil(reads / 5); i < reads; i++) {
      const took = await measureOnce(reader, random, candidates)
      if (i >= 0) times.push(took)
    }
    const { user, system } = process.cpuUsage(cpu)
    await close()
    times.sort((a, b) => a - b)
    const at = (q: number) => times[Math.min(times.length - 1, Math.floor(times.length * q))] as number
    const [p50, p99, p999] = [at(0.5), at(0.99), at(0.999)]
    if (d === 0) base = p50
    const cpuMs = (user + system) / 1000 / (reads * 1.2)
    cells[d]?.push(
      `${[p50, p99, p999].map((ms) => ms.toFixed(3)).join(' / ')} (${(p50 / base).toFixed(1)}x, ${cpuMs.toFixed(2)} ms CPU)`,
    )
    results.push({ driver: driver.name, candidates, columns, p50, p99, p999, cpuMs, ratio: p50 / base })
  }
}
await stop()
for (const row of cells) table.push(row)
console.log(
  `${cpus()[0]?.model} x ${cpus().length}, Node ${process.version}; ${itemCount} items, ${userCount} users, ${reads} reads each`,
)
console.log(table.toString())
console.log(published)
fs.mkdirSync('bench/out', { recursive: true })
fs.writeFileSync(
  'bench/out/online-features.json',
  `${JSON.stringify({ items: itemCount, users: userCount, reads, results }, null, 2)}\n`,
)
