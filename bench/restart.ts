// How long a start takes, and what keeping the snapshot costs. First the command itself, from the process to "ready":
// an empty folder, a stop and a start, a crash and a start, and a start that has to replay (the baseline). Then, in this
// process: restoring against replaying, writing, and how long the event loop stands still while it is written and slates
// are made. Times are wall times, "cpu" the processor's; writes bench/out/restart.json.
// Run: npm run bench bench/restart.ts [world: small, default, large] [starts of each kind]
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { completeConfig } from '../src/domain/index.ts'
import { bytesOf, systemClock } from '../src/foundation/base/index.ts'
import { type Opened, openFolder } from '../src/app/open.ts'
import { shapeOf, Snapshots } from '../src/app/snapshot/snapshots.ts'
import { Ingest } from '../src/app/ingest/ingest.ts'
import { createParts } from '../src/app/parts.ts'

const world = process.argv[2] ?? 'default'
const starts = Number(process.argv[3] ?? 3)
const data = mkdtempSync(join(tmpdir(), 'sluice-restart-'))
const snapshot = join(data, 'cache', 'state')

try {
  const fresh = await start()
  await stop(fresh.server, 'SIGTERM')
  const stopped = await repeated(() => 'SIGTERM')
  const crashed = await repeated(() => 'SIGKILL')
  const replayed = await repeated(() => {
    rmSync(snapshot, { force: true })
    return 'SIGTERM'
  })
  const inside = await measureInside()
  const result = {
    cpu: cpus()[0]?.model,
    world,
    command: { freshMs: fresh.ms, afterStopMs: stopped, afterCrashMs: crashed, withReplayMs: replayed },
    ...inside,
  }
  mkdirSync('bench/out', { recursive: true })
  writeFileSync('bench/out/restart.json', `${JSON.stringify(result, null, 2)}\n`)
  print(result)
} finally {
  rmSync(data, { recursive: true, force: true })
}

/** From the start of the process to its line. */
async function start(): Promise<{ server: ChildProcess; ms: number }> {
  const began = performance.now()
  const args = ['bin/sluice.js', 'up', '--data', data, '--world', world, '--port', '0', '--json']
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  for await (const piece of server.stdout ?? []) if (String(piece).includes('"ready":true')) break
  return { server, ms: performance.now() - began }
}

async function stop(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  server.kill(signal)
  await once(server, 'exit')
}

/** The median start of a few, each ended by the signal that `before` gives. */
async function repeated(before: () => NodeJS.Signals): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < starts; i++) {
    const signal = before()
    const { server, ms } = await start()
    times.push(ms)
    await stop(server, signal)
  }
  return times.sort((a, b) => a - b)[times.length >> 1] as number
}

/** Wall and processor time of some work, in ms. */
async function timed<T>(work: () => T | Promise<T>): Promise<{ value: T; ms: number; cpuMs: number }> {
  const began = performance.now()
  const used = process.cpuUsage()
  const value = await work()
  const { user, system } = process.cpuUsage(used)
  return { value, ms: performance.now() - began, cpuMs: (user + system) / 1000 }
}

async function measureInside() {
  const config = completeConfig()
  const opened = await openFolder({ data, config }, () => undefined)
  await opened.snapshots.write()
  const snapshots = new Snapshots(snapshot, shapeOf(config), undefined)
  const fold = () => new Ingest(createParts(config, systemClock), opened.log, () => undefined)
  const restored = await timed(() => {
    const found = snapshots.find()
    if (!found || !snapshots.take(found, (mark) => opened.log.resume(mark), fold())) throw new Error('no snapshot fits')
  })
  const replayed = await timed(() => {
    const ingest = fold()
    for (const entry of opened.log.replay()) ingest.replay(entry)
  })
  const writing = await measureWriting(opened)
  const users = opened.parts.state.users.size
  const items = opened.parts.state.items.size
  const state = bytesOf(opened.ingest)
  const memory = opened.parts.state.memory()
  const entries = opened.ingest.position
  await opened.close()
  return {
    entries,
    users,
    items,
    stateBytes: state,
    memory,
    snapshotBytes: statSync(snapshot).size,
    restore: { ms: restored.ms, cpuMs: restored.cpuMs },
    replay: { ms: replayed.ms, cpuMs: replayed.cpuMs },
    writing,
  }
}

/** Writes snapshots while slates are made one after the other, and watches the event loop; the same without, as baseline. */
async function measureWriting({ slates, parts, snapshots }: Opened) {
  const users = parts.state.users
  const serve = async (until: () => boolean) => {
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    let made = 0
    while (!until()) {
      await slates.make({ surface: 'home', user: users.ids.name((made++ * 31) % users.size) })
      await sleep(2)
    }
    delay.disable()
    return { made, loopMs: { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 } }
  }
  await serve(deadline(2000))
  const alone = await serve(deadline(2000))
  const reports: { stillMs: number; totalMs: number }[] = []
  let done = false
  const write = async () => {
    for (let i = 0; i < 5; i++) {
      await snapshots.write()
      if (snapshots.last) reports.push(snapshots.last)
    }
    done = true
  }
  const [beside] = await Promise.all([serve(() => done), write()])
  const median = (pick: (report: (typeof reports)[number]) => number) =>
    reports.map(pick).sort((a, b) => a - b)[reports.length >> 1] as number
  return { stillMs: median(({ stillMs }) => stillMs), totalMs: median(({ totalMs }) => totalMs), alone, beside }
}

function deadline(ms: number): () => boolean {
  const end = performance.now() + ms
  return () => performance.now() > end
}

function print(result: typeof inferResult): void {
  const { command, restore, replay, writing } = result
  const row = (what: string, value: string) => console.log(`${what.padEnd(58)} ${value}`)
  const ms = (value: number) => `${Math.round(value).toLocaleString('en')} ms`
  const mb = (value: number) => `${(value / 1e6).toFixed(1)} MB`
  row('world, entries, users, items', [world, result.entries, result.users, result.items].join(', '))
  row('empty folder to ready', ms(command.freshMs))
  row('stopped, started again: to ready', ms(command.afterStopMs))
  row('kill -9, started again: to ready', ms(command.afterCrashMs))
  row('started with a replay (baseline): to ready', ms(command.withReplayMs))
  row('state in memory, snapshot on disk', `${mb(result.stateBytes)}, ${mb(result.snapshotBytes)}`)
  row('restore: wall, cpu', `${ms(restore.ms)}, ${ms(restore.cpuMs)}`)
  row('replay (baseline): wall, cpu', `${ms(replay.ms)}, ${ms(replay.cpuMs)}`)
  row(
    'replay over restore: wall, cpu',
    `${(replay.ms / restore.ms).toFixed(1)}, ${(replay.cpuMs / restore.cpuMs).toFixed(1)}`,
  )
  row('write: the fold stands still, until it counts', `${ms(writing.stillMs)}, ${ms(writing.totalMs)}`)
  for (const [name, { made, loopMs }] of Object.entries({
    'slates alone': writing.alone,
    'beside writing': writing.beside,
  }))
    row(
      `event loop late, ${name}: p99, max (slates)`,
      `${loopMs.p99.toFixed(1)}, ${loopMs.max.toFixed(1)} ms (${made})`,
    )
}

declare const inferResult: {
  world: string
  command: { freshMs: number; afterStopMs: number; afterCrashMs: number; withReplayMs: number }
} & Awaited<ReturnType<typeof measureInside>>
