// What the HTTP layer costs: the server over a fake engine against a bare node:http server that does the same work
// (read a JSON body, call the engine, write the slate), interleaved in one run, each in a process of its own.
// Requests are due at random moments (Poisson) whatever the answers do (open loop); latency counts from the due moment.
// Run: npx esbuild bench/http.ts --bundle --format=esm --platform=node --packages=external --outfile=node_modules/.cache/http-bench.mjs
//      node node_modules/.cache/http-bench.mjs [rates, per second] [seconds]
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer as bareServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'hdr-histogram-js'
import { Pool } from 'undici'
import { completeConfig, type SlateRequest } from '../src/domain/index.ts'
import { Random } from '../src/foundation/base/index.ts'
import { createLog, createMetrics } from '../src/foundation/telemetry/index.ts'
import { createServer } from '../src/server/index.ts'
import { fakeEngine } from '../src/server/testing/fake-engine.ts'

const kinds = ['bare', 'sluice'] as const
const wish = JSON.stringify({ surface: 'home', user: 'u17', limit: 20, context: { country: 'NO', device: 'phone' } })
/** Requests under way at once; more are counted as lost. */
const UNDER_WAY_MAX = 256

/** Serves in this process until the parent goes; tells its address and, when asked, the processor time it used. */
async function serve(kind: string) {
  const engine = fakeEngine({ items: 100 })
  let url: string
  if (kind === 'sluice') {
    const config = { ...completeConfig().server, port: 0 }
    const server = await createServer({ engine, config, log: createLog('warn'), metrics: createMetrics() })
    url = (await server.listen()).url
  } else {
    const server = bareServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', async () => {
        const slate = JSON.stringify(await engine.slate(JSON.parse(Buffer.concat(parts).toString()) as SlateRequest))
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(slate) })
        response.end(slate)
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  }
  process.on('message', () => process.send?.({ cpu: process.cpuUsage() }))
  process.on('disconnect', () => process.exit())
  process.send?.({ url })
}

async function measure(kind: string, rate: number, seconds: number, seed: number) {
  const child = fork(fileURLToPath(import.meta.url), ['serve', kind])
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  const pool = new Pool(url, { connections: 32 })
  const post = async () => {
    const { statusCode, body } = await pool.request({
      path: '/v1/slates',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: wish,
    })
    await body.dump({ limit: 1 << 20 })
    if (statusCode !== 200) throw new Error(`status ${statusCode}`)
  }
  for (let i = 0; i < 2000; i++) await post() // warm
  const used = async () => {
    child.send('cpu')
    const [{ cpu }] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage }]
    return cpu.user + cpu.system
  }
  const cpuBefore = await used()
  const histogram = build({ highestTrackableValue: 60_000_000 })
  const random = new Random(seed)
  const start = performance.now()
  let due = start
  let sent = 0
  let lost = 0
  let underWay = 0
  while (due < start + seconds * 1000) {
    const now = performance.now()
    if (due > now) {
      await new Promise((resolve) => (due - now > 2 ? setTimeout(resolve, 1) : setImmediate(resolve)))
      continue
    }
    const from = due
    due += random.exponential(1000 / rate)
    if (underWay >= UNDER_WAY_MAX) {
      lost++
      continue
    }
    underWay++
    sent++
    post()
      .then(
        () => histogram.recordValue(Math.round((performance.now() - from) * 1000)),
        () => lost++,
      )
      .finally(() => underWay--)
  }
  while (underWay > 0) await new Promise((resolve) => setTimeout(resolve, 1))
  const cpu = (await used()) - cpuBefore
  await pool.close()
  child.disconnect()
  const ms = (percentile: number) => (histogram.getValueAtPercentile(percentile) / 1000).toFixed(2)
  return { kind, rate, sent, lost, p50: ms(50), p99: ms(99), p999: ms(99.9), cpuMicros: Math.round(cpu / sent) }
}

if (process.argv[2] === 'serve') await serve(process.argv[3] as string)
else {
  const rates = (process.argv[2] ?? '200,1000').split(',').map(Number)
  const seconds = Number(process.argv[3] ?? 5)
  const rows = []
  for (const rate of rates) {
    for (let round = 0; round < 3; round++) {
      for (const kind of kinds) rows.push({ round, ...(await measure(kind, rate, seconds, round)) })
    }
  }
  console.table(rows)
}
