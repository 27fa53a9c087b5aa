// A long run at half the rate at which slates begin to be poorer: does memory stay flat? Prints resident memory, heap and event-loop delay over
// time and the slope of each kind of memory after the first third; writes bench/out/soak.json. The state grows with what
// is new - viewers, pairs of viewer and item - up to bounds of its own (docs/guide/operations.md), so it is told by part,
// and flat is judged by the rest of heap and arrays: exit code 1 when that grows by more than a twentieth of the resident
// memory in an hour, or a request failed.
//
//     npm run bench:soak -- [--minutes 30] [--rate SLATES] [--events 2000] [--items 1000000] [--workers 0] [--no-towers] [--bootstrap]
//
// Without --rate it is half of the rate up to which `npm run bench:spine` found slates whole (bench/out/spine.json), else 40.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import Table from 'cli-table3'
import { worldTraffic } from '../src/cli/load/world-traffic.ts'
import { benchLoad } from './spine/load.ts'
import { machine, machineLine } from './spine/machine.ts'
import { addModels, numberAfter, platformFolder, scratchOf, sizeFrom, worldOf } from './spine/platform.ts'
import { playsRole } from './spine/roles.ts'
import type { Sample } from './spine/serve.ts'
import { startServer } from './spine/server.ts'
import { slope } from './spine/slope.ts'

const SAMPLES = 120
const ROWS = 12
/** Growth of the memory that counts as flat: share in an hour. */
const FLAT = 0.05

const stateOf = ({ stateMb }: Sample): number => Object.values(stateMb).reduce((sum, mb) => sum + mb, 0)
/** Kinds of memory, megabytes. */
const KINDS: Readonly<Record<string, (sample: Sample) => number>> = {
  resident: ({ rssMb }) => rssMb,
  heap: ({ heapMb }) => heapMb,
  external: ({ externalMb }) => externalMb,
  state: stateOf,
  'beside the state': (sample) => sample.heapMb + sample.externalMb - stateOf(sample), // pages of arrays that nobody touched are not resident
}

type Timed = Sample & { readonly minute: number }

if (!(await playsRole())) await bench(process.argv.slice(2))

async function bench(words: readonly string[]): Promise<void> {
  const minutes = numberAfter(words, '--minutes') ?? 30
  const rate = numberAfter(words, '--rate') ?? halfOfWhole()
  const eventsRate = numberAfter(words, '--events') ?? 2000
  const data = await platformFolder(sizeFrom(words))
  const scratch = scratchOf(data)
  if (!words.includes('--bootstrap')) await addModels(scratch, data, { towers: !words.includes('--no-towers') })
  const server = await startServer(scratch, { server: { workers: numberAfter(words, '--workers') ?? 0 } })
  const samples: Timed[] = []
  try {
    const traffic = worldTraffic(worldOf(data), 'soak', Date.now().toString(36))
    console.log(`${rate} slates/s and ${eventsRate} events/s for ${minutes} minutes; ${machineLine()}`)
    const began = performance.now()
    const seconds = minutes * 60
    const over = new AbortController()
    const watch = (async () => {
      while (!over.signal.aborted) {
        await wait((seconds * 1000) / SAMPLES)
        samples.push({ minute: (performance.now() - began) / 60_000, ...(await server.sample()) })
      }
    })()
    const report = await benchLoad({
      url: server.url,
      traffic,
      rate,
      eventsRate,
      seconds,
      profile: 'soak',
      seed: 'soak',
    })
    over.abort()
    await watch
    const { slates, segments, events } = report
    const settled = samples.filter(({ minute }) => minute > minutes / 3)
    const growth = Object.fromEntries(
      Object.entries(KINDS).map(([kind, of]) => {
        const perMinute = slope(
          settled.map(({ minute }) => minute),
          settled.map(of),
        )
        const level = settled.reduce((sum, sample) => sum + of(sample), 0) / settled.length
        return [kind, { level: Math.round(level), mbPerHour: perMinute * 60, sharePerHour: (perMinute * 60) / level }]
      }),
    )
    console.log(memoryTable(samples))
    const parts = segments.map(({ name, slates: { latencyMs } }) => `${name} ${latencyMs.p99.toFixed(0)}`)
    console.log(`p99 ms by tenth of the run: ${parts.join(', ')}`)
    console.log(`${slates.answered} slates, ${events.accepted} events, failed ${slates.failed + events.failed}`)
    for (const [kind, { level, mbPerHour, sharePerHour }] of Object.entries(growth)) {
      console.log(
        `${kind}: ${level} MB, ${mbPerHour >= 0 ? '+' : ''}${mbPerHour.toFixed(1)} MB an hour (${(100 * sharePerHour).toFixed(1)} %)`,
      )
    }
    console.log(grown(settled))
    const flat = (growth['beside the state']?.mbPerHour ?? 0) < FLAT * (growth['resident']?.level ?? 0)
    console.log(flat ? 'flat' : 'NOT FLAT')
    mkdirSync('bench/out', { recursive: true })
    writeFileSync(
      'bench/out/soak.json',
      JSON.stringify({ machine: machine(), report, samples, growth, flat }, undefined, 2),
    )
    if (!flat || slates.failed + events.failed > 0) process.exitCode = 1
  } finally {
    await server.stop()
    rmSync(scratch, { recursive: true, force: true })
  }
}

function halfOfWhole(): number {
  const path = 'bench/out/spine.json'
  if (!existsSync(path)) return 40
  const { whole } = JSON.parse(readFileSync(path, 'utf8')) as { whole: number }
  return Math.max(1, Math.round(whole / 2))
}

/** What of the state has more room than at the first sample: tables double, so it comes in steps. */
function grown(samples: readonly Timed[]): string {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last) return ''
  const parts = Object.entries(last.stateMb)
    .map(([part, mb]) => ({ part, mb, more: mb - (first.stateMb[part] ?? 0) }))
    .filter(({ more }) => more > 0)
    .sort((a, b) => b.more - a.more)
    .map(({ part, mb, more }) => `${part} ${mb.toFixed(1)} MB (+${more.toFixed(1)})`)
  return `state that grew after the first third: ${parts.join(', ') || 'none'}`
}

function memoryTable(samples: readonly Timed[]): string {
  const table = new Table({
    style: { head: [], border: [] },
    head: ['minute', 'RSS MB', 'heap MB', 'external MB', 'loop p50 ms', 'loop p99 ms', 'loop max ms'],
  })
  const step = Math.max(1, Math.floor(samples.length / ROWS))
  for (const { minute, rssMb, heapMb, externalMb, loopMs } of samples.filter((_, i) => i % step === 0)) {
    table.push([
      minute.toFixed(1),
      rssMb,
      heapMb,
      externalMb,
      ...[loopMs.p50, loopMs.p99, loopMs.max].map((ms) => ms.toFixed(1)),
    ])
  }
  return table.toString()
}
