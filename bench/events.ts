// Durable events over HTTP, closed loop: npm run bench bench/events.ts [BATCH] [CONNECTIONS] [SECONDS]
// Client and server share one process and its core. Baseline of the same run: the same bodies to a bare node:http
// server that parses the JSON, appends it to a file and waits for the disk.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer as createBare } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import { Pool } from 'undici'
import { createEngine } from '../src/app/index.ts'
import { completeConfig } from '../src/domain/index.ts'
import { Random } from '../src/foundation/base/index.ts'
import { createLog, createMetrics } from '../src/foundation/telemetry/index.ts'
import { createServer } from '../src/server/index.ts'

const [batch = 1000, connections = 4, seconds = 6] = process.argv.slice(2).map(Number)
const data = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
const config = completeConfig({ server: { port: 0 } })
const metrics = createMetrics()
const log = createLog('error')
const engine = createEngine({ data, config, metrics, log, world: { items: 10_000, users: 5000, events: 100_000 } })
await engine.open()
const server = await createServer({ engine, config: config.server, metrics, log })
const url = await server.listen()
const random = new Random('events')
const items = [...engine.allItems()].map((item) => item.id)
const users = [...engine.allUsers()].map((user) => user.id)

let made = 0
function body(): string {
  const events = Array.from({ length: batch }, () => ({
    id: `bench-${made++}`,
    kind: random.chance(0.75) ? 'impression' : random.chance(0.5) ? 'click' : 'watch',
    user: random.pick(users),
    item: random.pick(items),
    position: random.int(20),
    at: Date.now(),
  }))
  return JSON.stringify({ events })
}

async function drive(address: string): Promise<{ perSecond: number; p50: number; p99: number }> {
  const pool = new Pool(address, { connections })
  const latencies: number[] = []
  const bodies = Array.from({ length: 400 }, body)
  const began = performance.now()
  let sent = 0
  const client = async (): Promise<void> => {
    while (performance.now() - began < seconds * 1000 && sent < bodies.length) {
      const text = bodies[sent++] as string
      const start = performance.now()
      const answer = await pool.request({
        path: '/v1/events',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
      })
      const result = (await answer.body.json()) as { accepted: number }
      if (result.accepted !== batch) throw new Error(`accepted ${result.accepted} of ${batch}`)
      latencies.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
  const elapsed = (performance.now() - began) / 1000
  await pool.close()
  latencies.sort((a, b) => a - b)
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? Number.NaN
  return { perSecond: (latencies.length * batch) / elapsed, p50: at(0.5), p99: at(0.99) }
}

const file = await open(join(data, 'bare.jsonl'), 'a')
const bare = createBare((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', async () => {
    const { events } = JSON.parse(Buffer.concat(chunks).toString()) as { events: unknown[] }
    await file.appendFile(events.map((event) => JSON.stringify(event)).join('\n'))
    await file.datasync()
    response.end(JSON.stringify({ accepted: events.length }))
  })
})
await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve))
const bareUrl = `http://127.0.0.1:${(bare.address() as AddressInfo).port}`

const rows: { what: string; perSecond: number; p50: number; p99: number }[] = []
for (const round of [1, 2, 3]) {
  rows.push({ what: `sluice, round ${round}`, ...(await drive(url.url)) })
  rows.push({ what: `bare, round ${round}`, ...(await drive(bareUrl)) })
}
const table = new Table({ head: ['what', 'events/s', 'p50 ms', 'p99 ms'] })
for (const { what, perSecond, p50, p99 } of rows)
  table.push([what, Math.round(perSecond), p50.toFixed(1), p99.toFixed(1)])
console.log(table.toString())
console.log(`batches of ${batch}, ${connections} connections; ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}`)
mkdirSync('bench/out', { recursive: true })
writeFileSync('bench/out/events.json', JSON.stringify({ batch, connections, rows, load: loadavg()[0] }, null, 2))
bare.close()
await file.close()
await server.close()
await engine.close()
rmSync(data, { recursive: true, force: true })
process.exit(0)
