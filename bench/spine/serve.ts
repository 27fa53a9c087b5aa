import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createEngine } from '../../src/app/index.ts'
import { completeConfig, type ConfigInput } from '../../src/domain/index.ts'
import { roomyHeap } from '../../src/foundation/base/index.ts'
import { createLog, createMetrics } from '../../src/foundation/telemetry/index.ts'
import { createServer } from '../../src/server/index.ts'

/** How the server process is, since it was last asked. */
export interface Sample {
  readonly rssMb: number
  readonly heapMb: number
  /** Typed arrays and other memory outside the heap. */
  readonly externalMb: number
  /** Megabytes of each part of the state: its arrays, the room they have for more among them. */
  readonly stateMb: Readonly<Record<string, number>>
  /** Processor time of all its threads. */
  readonly cpuMs: number
  /** Share of the time in which the event loop of the main thread was not waiting, 0 to 1. */
  readonly mainBusy: number
  /** Delay of the event loop, milliseconds, beyond the sampling interval. */
  readonly loopMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

export type Question = { readonly ask: 'sample' | 'profile' } | { readonly ask: 'write-profile'; readonly file: string }

/** Resolution of the event loop's delay, in milliseconds. */
const LOOP_MS = 5

/** The whole server over a data folder, in this process; tells its address and answers questions until it is stopped. */
export async function serve(data: string, settings = '{}'): Promise<void> {
  const began = performance.now()
  const given = JSON.parse(settings) as ConfigInput
  const config = completeConfig({ ...given, server: { ...given.server, port: 0 } })
  const log = createLog('error')
  const metrics = createMetrics()
  roomyHeap() // as `sluice up` does
  const engine = createEngine({ data, config, log, metrics, workers: config.server.workers })
  const server = await createServer({ engine, config: config.server, log, metrics })
  const { url } = await server.listen()
  await engine.open()
  const loop = monitorEventLoopDelay({ resolution: LOOP_MS })
  loop.enable()
  let cpu = process.cpuUsage()
  let turned = performance.eventLoopUtilization()
  const sample = (): Sample => {
    const { rss, heapUsed, external } = process.memoryUsage()
    const used = process.cpuUsage(cpu)
    cpu = process.cpuUsage()
    const { utilization: mainBusy } = performance.eventLoopUtilization(turned)
    turned = performance.eventLoopUtilization()
    const late = (percentile: number) => Math.max(0, loop.percentile(percentile) / 1e6 - LOOP_MS)
    const loopMs = { p50: late(50), p99: late(99), max: Math.max(0, loop.max / 1e6 - LOOP_MS) }
    loop.reset()
    const mb = (bytes: number) => Math.round(bytes / 1e6)
    return {
      rssMb: mb(rss),
      heapMb: mb(heapUsed),
      externalMb: mb(external),
      stateMb: Object.fromEntries(Object.entries(engine.status().memory).map(([part, bytes]) => [part, bytes / 1e6])),
      cpuMs: (used.user + used.system) / 1000,
      mainBusy,
      loopMs,
    }
  }
  const session = new Session()
  session.connect()
  const answers = {
    sample: async () => sample(),
    profile: async () => {
      await session.post('Profiler.enable')
      await session.post('Profiler.start')
    },
    'write-profile': async (question: Question) => {
      const { profile } = await session.post('Profiler.stop')
      if (question.ask === 'write-profile') writeFileSync(question.file, JSON.stringify(profile))
    },
  }
  process.on('message', (question: Question) => {
    void answers[question.ask](question).then((answer) => process.send?.({ answer: answer ?? null }))
  })
  const stop = async () => {
    await server.close()
    await engine.close()
    process.exit(0)
  }
  process.once('SIGTERM', () => void stop())
  process.once('disconnect', () => void stop()) // whoever started it is gone
  const { items, users, events } = engine.status()
  process.send?.({ url, openMs: performance.now() - began, held: { items, users, events } })
}
