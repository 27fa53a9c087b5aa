import { Option, type Command } from 'commander'
import { systemClock } from '../foundation/base/index.ts'
import { parseSamples } from '../foundation/telemetry/index.ts'
import { costFromMetrics } from '../planning/index.ts'
import type { Context } from './context.ts'
import { FAILED, Misuse } from './failure.ts'
import { count } from './figures.ts'
import { checkSurfaces, type Mix, parseMix, total } from './load/mix.ts'
import { type ProfileName, profiles } from './load/profile.ts'
import type { Traffic } from './load/traffic.ts'
import { amountOf, dataOption, jsonOption, keyOption, nonEmpty, urlOption, wholeNumber } from './options.ts'
import { writeOut } from './out-file.ts'
import { remotePlatform } from './remote.ts'
import { serverUrl } from './running.ts'

interface LoadCommandOptions {
  readonly url?: string
  readonly key?: string
  readonly data: string
  readonly rate?: number
  readonly seconds: number
  readonly warmUp: number
  readonly profile: ProfileName
  readonly surfaceMix: Mix
  readonly events: number
  readonly eventsBatch: number
  readonly inFlight: number
  readonly findBreak?: boolean
  readonly p99: number
  readonly full: number
  readonly seed: string
  readonly out?: string
  readonly json?: boolean
}

/** Where the search for the breaking rate begins. */
const FIRST_RATE = 25

export function loadCommand(program: Command, context: Context): void {
  program
    .command('load')
    .description('Put a running server under an open-loop load of slates and events, and measure its latency.')
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(dataOption())
    .option('--rate <count>', 'slates per second (default: the sum of the mix)', amountOf(0.01, 100_000))
    .addOption(
      new Option('--surface-mix <parts>', 'parts of the traffic by surface; without --rate they are slates per second')
        .argParser(parseMix)
        .default(parseMix('home:80,next:200,search:40'), 'home:80,next:200,search:40'),
    )
    .addOption(
      new Option(
        '--profile <name>',
        'steady; ramp: up to the rate; spike: four times the rate for a fifth; soak: in ten parts',
      )
        .choices(Object.keys(profiles))
        .default('steady'),
    )
    .option('--seconds <seconds>', 'length of the measured run', amountOf(0.1, 604_800), 10)
    .option('--warm-up <seconds>', 'length of the run before it, which does not count', amountOf(0, 3600), 2)
    .option('--events <count>', 'events per second at the same time', amountOf(0, 1_000_000), 100)
    .option('--events-batch <count>', 'events in one request', wholeNumber(1, 5000), 10)
    .option('--in-flight <count>', 'most requests under way at once', wholeNumber(1, 10_000), 256)
    .option('--find-break', 'raise the rate from --rate (default 25), a quarter at a time, until it breaks')
    .option('--p99 <ms>', 'p99 at which it counts as broken', amountOf(0.1, 60_000), 100)
    .option('--full <share>', 'share of slates on the rung full below which it counts as broken', amountOf(0, 1), 0)
    .option('--seed <text>', 'seed of who asks for what, and when', nonEmpty, '1')
    .option('--out <file>', 'write the report there as JSON too', nonEmpty)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Arrivals do not wait for answers, and latency counts from when a request was due: a stall is seen in full. On a simulated
platform its own users act; on other data requests and events are drawn from the catalogue. They are kept as events:
put load on a copy of data that you care for.

Examples:
  $ sluice load --rate 200 --seconds 30
  $ sluice load --events 2000 --find-break
  $ sluice load --events 2000 --find-break --full 0.95
  $ sluice load --profile spike --seconds 60 --url http://127.0.0.1:8787 --json`,
    )
    .action((options: LoadCommandOptions) => load(context, options))
}

async function load(context: Context, options: LoadCommandOptions): Promise<void> {
  const { terminal } = context
  const { eventsBatch, findBreak: toBreak } = options
  if (toBreak && options.profile !== 'steady') {
    throw new Misuse(`--find-break holds each rate: it does not go with --profile ${options.profile}`)
  }
  const url = options.url ?? serverUrl(terminal.folder, options.data)
  const rate = options.rate ?? (toBreak ? FIRST_RATE : total(options.surfaceMix))
  const traffic = await trafficOf(url, options)
  terminal.err(
    `Acting as ${traffic.as} at ${url}: ${count(rate)} slates/s and ${count(options.events)} events/s ` +
      `for ${options.warmUp} + ${options.seconds} s${toBreak ? ', then more' : ''}`,
  )
  // With its HTTP client and its histograms: only who needs them waits for them.
  const [{ runLoad }, { findBreak }, view] = await Promise.all([
    import('./load/run.ts'),
    import('./load/find-break.ts'),
    import('./load/view.ts'),
  ])
  const stop = new AbortController()
  const { signal } = stop
  const release = terminal.onStop(() => stop.abort())
  const server = remotePlatform({ url, key: options.key })
  const run = async (asked: number) => {
    const before = parseSamples(await server.metrics())
    const report = await runLoad({
      url,
      key: options.key,
      traffic,
      mix: options.surfaceMix,
      rate: asked,
      profile: options.profile,
      eventsRate: options.events,
      eventsBatch,
      seconds: options.seconds,
      warmUpSeconds: options.warmUp,
      inFlightMax: options.inFlight,
      seed: options.seed,
      clock: systemClock,
      signal,
    })
    if (report.slates.answered === 0) return report
    return { ...report, cost: costFromMetrics(url, parseSamples(await server.metrics()), before) }
  }
  try {
    const limits = { p99Ms: options.p99, fullMin: options.full }
    const told = toBreak
      ? await findBreak(run, { from: rate, limits, signal }, (step) => terminal.err(view.stepLine(terminal, step)))
      : await run(rate)
    if (signal.aborted) terminal.err('Stopped before its end: the figures are of what was answered until then')
    if (options.out !== undefined) {
      await writeOut(terminal.folder, options.out, JSON.stringify(told, undefined, 2) + '\n')
    }
    if (options.json) terminal.out(JSON.stringify(told))
    else terminal.out('steps' in told ? view.breakView(terminal, told) : view.loadView(terminal, told))
    const reports = 'steps' in told ? told.steps.map(({ report }) => report) : [told]
    const sent = reports.some(({ slates }) => slates.sent > 0)
    if (sent && reports.every(({ slates }) => slates.answered === 0)) context.exitCode = FAILED
  } finally {
    release()
  }
}

/** The users of the simulated platform that is served, else whoever and whatever there is, by lot. */
async function trafficOf(url: string, { key, seed, surfaceMix }: LoadCommandOptions): Promise<Traffic> {
  const platform = remotePlatform({ url, key })
  const { world, budgets } = await platform.status()
  checkSurfaces(surfaceMix, budgets, url)
  const run = systemClock.now().toString(36)
  if (world) {
    const { start: _, ...sizes } = world
    return (await import('./load/world-traffic.ts')).worldTraffic(sizes, seed, run)
  }
  const [{ fetchCast }, { Crowd }, { Random }] = await Promise.all([
    import('./load/cast.ts'),
    import('./load/crowd.ts'),
    import('../foundation/base/index.ts'),
  ])
  return new Crowd(await fetchCast(platform), new Random(`${seed} crowd`), run)
}
