// The whole request path at a million items, over HTTP: a server in a process of its own, load from this one, rates
// that rise until it breaks while events flow. Prints per rate and per layer p50, p99 and p99.9 (open loop, from the
// due time), memory, processor time and the event loop's delay; writes bench/out/spine.json with whole histograms.
//
//     npm run bench:spine -- [--items 1000000] [--users 50000] [--seconds 15] [--from 50] [--events 2000] [--p99 100] [--workers 0] [--no-towers] [--bootstrap] [--profile] [--profile-at RATE]
//
// The data folder is made once (some minutes at a million items) under SLUICE_BENCH_DATA (default: the temporary folder)
// and used again. The models are a candidate-isolated BST (50 events of history, d = 64, four heads), a coarse ranker distilled
// from it, and two towers of 64 units; trained for one pass on a small world (latency does not depend on the weights) and
// loaded through the registry. The items' tower encodes every item of the folder and an inverted file is built over them, as a
// server does it; that index is kept beside the folder. --bootstrap leaves all of them out, --no-towers the towers.
// --workers N makes slates in N threads that share the state.
// --profile writes bench/out/spine.cpuprofile at the highest rate that held and prints where the time went.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import Table from 'cli-table3'
import { type BreakStep, findBreak } from '../src/cli/load/find-break.ts'
import type { LoadReport } from '../src/cli/load/run.ts'
import { worldTraffic } from '../src/cli/load/world-traffic.ts'
import { benchLoad } from './spine/load.ts'
import { machine, machineLine } from './spine/machine.ts'
import { addModels, numberAfter, platformFolder, scratchOf, sizeFrom, worldOf } from './spine/platform.ts'
import { profileView } from './spine/profile-view.ts'
import { playsRole } from './spine/roles.ts'
import { type BenchServer, startServer } from './spine/server.ts'
import type { Sample } from './spine/serve.ts'
import { settled } from './spine/settled.ts'

const WARM_UP = 3
const PLAIN = { head: [], border: [] }
/** The mark at 200 slates a second and core: p99, milliseconds. */
const MARK = { rate: 200, p99: 20, breaksAt: 350 }

if (!(await playsRole())) await bench(process.argv.slice(2))

async function bench(words: readonly string[]): Promise<void> {
  const seconds = numberAfter(words, '--seconds') ?? 15
  const eventsRate = numberAfter(words, '--events') ?? 2000
  const p99Ms = numberAfter(words, '--p99') ?? 100
  const from = numberAfter(words, '--from') ?? 50
  const data = await platformFolder(sizeFrom(words))
  const scratch = scratchOf(data)
  const towers = !words.includes('--no-towers')
  if (!words.includes('--bootstrap')) await addModels(scratch, data, { towers })
  const workers = numberAfter(words, '--workers') ?? 0
  const server = await startServer(scratch, { server: { workers } })
  try {
    console.log(`${JSON.stringify(server.held)} open in ${(server.openMs / 1000).toFixed(1)} s; ${machineLine()}`)
    console.log(`idle after ${(await settled(server)).toFixed(0)} s`)
    const traffic = worldTraffic(worldOf(data), 'spine', Date.now().toString(36))
    const samples = new Map<LoadReport, Sample>()
    const run = async (rate: number) => {
      await server.sample()
      const report = await benchLoad({ url: server.url, traffic, rate, eventsRate, seconds, seed: `spine ${rate}` })
      samples.set(report, await server.sample())
      return report
    }
    const { signal } = new AbortController()
    const found = await findBreak(run, { from, limits: { p99Ms }, signal }, (step) => {
      console.log(ratesTable([step.report], samples, step.broke))
    })
    console.log(
      ratesTable(
        found.steps.map(({ report }) => report),
        samples,
      ),
    )
    for (const at of ['p50', 'p99', 'p99.9'] as const)
      console.log(
        `${at} of each layer, ms, by slates/s; as the server says, but for the last row\n${layersTable(found.steps, at)}`,
      )
    console.log(
      `holds ${found.holds}/s, breaks at ${found.breaks ?? 'no rate that was tried'}/s (p99 above ${p99Ms} ms, failures, or falling behind)`,
    )
    const whole = found.steps.filter(
      ({ broke, report }) => broke.length === 0 && (report.slates.rungs['full'] ?? 0) >= 0.95,
    )
    const wholeTo = Math.max(0, ...whole.map(({ rate }) => rate))
    console.log(`at ${wholeTo}/s, the most of those tried, 95 % of the slates are on the rung full`)
    console.log(
      `marks: p99 <= ${MARK.p99} ms at ${MARK.rate}/s, breaks no earlier than ${MARK.breaksAt}/s; one server process with ${workers} threads for slates on ${machine().cores} cores that the load shares`,
    )
    const profiled = numberAfter(words, '--profile-at') ?? (found.holds || from)
    if (words.includes('--profile')) await profile(server, run, profiled)
    mkdirSync('bench/out', { recursive: true })
    const rows = found.steps.map((step) => {
      const sample = samples.get(step.report)
      const { cpuMs: processorMs, ...server } = sample ?? {}
      return { ...step, cost: sample && costOf(step.report, sample), server: { ...server, processorMs } }
    })
    const told = { machine: machine(), held: server.held, openMs: server.openMs, whole: wholeTo, ...found, steps: rows }
    const file = words.includes('--profile') ? 'spine-profile' : 'spine'
    writeFileSync(`bench/out/${file}.json`, JSON.stringify(told, undefined, 2))
  } finally {
    await server.stop()
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** What a slate cost the server's processor, events and warm-up included: as `sluice plan capacity --from` reads it. */
function costOf({ rate, seconds, slates }: LoadReport, { cpuMs }: Sample) {
  return { cpuMs: cpuMs / (rate * (seconds + WARM_UP)), slates: slates.answered, whole: slates.rungs['full'] ?? 0 }
}

function ratesTable(
  reports: readonly LoadReport[],
  samples: ReadonlyMap<LoadReport, Sample>,
  broke: readonly string[] = [],
) {
  const table = new Table({
    style: PLAIN,
    head: [
      'per s',
      'answered',
      'failed',
      'p50 ms',
      'p99 ms',
      'p99.9 ms',
      'full rung',
      'CPU ms each',
      'main thread',
      'loop p99 ms',
      'RSS MB',
      'heap MB',
      'generator p99 ms',
    ],
  })
  for (const report of reports) {
    const { slates, rate, throughput, lagMs } = report
    const sample = samples.get(report)
    const { loopMs, mainBusy = Number.NaN, rssMb = 0, heapMb = 0 } = sample ?? {}
    const each = sample ? costOf(report, sample).cpuMs : Number.NaN
    const { p50, p99, 'p99.9': p999 } = slates.latencyMs
    const full = `${(100 * (slates.rungs['full'] ?? 0)).toFixed(1)} %`
    table.push([
      `${rate}${broke.length > 0 ? ' broke' : ''}`,
      `${throughput.toFixed(0)}/s`,
      slates.failed,
      ...[p50, p99, p999].map((ms) => ms.toFixed(1)),
      full,
      each.toFixed(2),
      `${(100 * mainBusy).toFixed(0)} %`,
      (loopMs?.p99 ?? Number.NaN).toFixed(1),
      rssMb,
      heapMb,
      lagMs.p99.toFixed(1),
    ])
  }
  return table.toString()
}

function layersTable(steps: readonly BreakStep[], at: 'p50' | 'p99' | 'p99.9'): string {
  const reports = steps.map(({ report }) => report).sort((a, b) => a.rate - b.rate)
  const table = new Table({ style: PLAIN, head: ['layer', ...reports.map(({ rate }) => String(rate))] })
  const names = (part: 'stages' | 'surfaces') => [...new Set(reports.flatMap((report) => Object.keys(report[part])))]
  const row = (name: string, of: (report: LoadReport) => number | undefined) =>
    table.push([name, ...reports.map((report) => of(report)?.toFixed(2) ?? '-')])
  for (const part of ['stages', 'surfaces'] as const)
    for (const name of names(part)) row(name, (report) => report[part][name]?.latencyMs[at])
  row('whole, over HTTP', ({ slates }) => slates.latencyMs[at])
  return table.toString()
}

/** Where the time of the server goes at a rate. */
async function profile(server: BenchServer, run: (rate: number) => Promise<LoadReport>, rate: number): Promise<void> {
  const file = 'bench/out/spine.cpuprofile'
  mkdirSync('bench/out', { recursive: true })
  await server.startProfile()
  await run(rate)
  await server.writeProfile(file)
  const bundle = fileURLToPath(import.meta.url)
  console.log(`${file}, at ${rate}/s`)
  if (existsSync(bundle)) console.log(profileView(file, bundle))
}
