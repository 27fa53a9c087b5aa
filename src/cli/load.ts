import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { systemClock } from '../foundation/base/index.ts'
import type { Context } from './context.ts'
import { count } from './figures.ts'
import { fetchCast } from './load/cast.ts'
import { type Mix, parseMix, total } from './load/mix.ts'
import { loadView } from './load/view.ts'
import { amountOf, dataOption, jsonOption, keyOption, nonEmpty, urlOption, wholeNumber } from './options.ts'
import { remotePlatform } from './remote.ts'
import { serverUrl } from './running.ts'

interface LoadCommandOptions {
  readonly url?: string
  readonly key?: string
  readonly data: string
  readonly rate?: number
  readonly seconds: number
  readonly warmUp: number
  readonly surfaceMix: Mix
  readonly eventsRate: number
  readonly eventsBatch: number
  readonly inFlight: number
  readonly seed: string
  readonly out?: string
  readonly json?: boolean
}

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
    .option('--seconds <seconds>', 'length of the measured run', amountOf(0.1, 86_400), 10)
    .option('--warm-up <seconds>', 'length of the run before it, which does not count', amountOf(0, 3600), 2)
    .option('--events-rate <count>', 'events per second at the same time', amountOf(0, 1_000_000), 100)
    .option('--events-batch <count>', 'events in one request', wholeNumber(1, 5000), 10)
    .option('--in-flight <count>', 'most requests under way at once', wholeNumber(1, 10_000), 256)
    .option('--seed <text>', 'seed of who asks for what, and when', nonEmpty, '1')
    .option('--out <file>', 'write the report there as JSON too', nonEmpty)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Arrivals do not wait for answers, and latency counts from when a request was due: a stall is seen in full.

Examples:
  $ sluice load --rate 200 --seconds 30
  $ sluice load --url http://127.0.0.1:8787 --surface-mix home:80,next:200,search:40 --events-rate 500 --json`,
    )
    .action((options: LoadCommandOptions) => load(context, options))
}

async function load({ terminal }: Context, options: LoadCommandOptions): Promise<void> {
  const url = options.url ?? serverUrl(terminal.folder, options.data)
  const cast = await fetchCast(remotePlatform({ url, key: options.key }))
  const rate = options.rate ?? total(options.surfaceMix)
  terminal.err(
    `Acting as ${count(cast.users.length)} users over ${count(cast.items.length)} items at ${url}: ` +
      `${count(rate)} slates/s and ${count(options.eventsRate)} events/s for ${options.warmUp} + ${options.seconds} s`,
  )
  const { runLoad } = await import('./load/run.ts') // with its HTTP client: only who needs it waits for it
  const stop = new AbortController()
  const release = terminal.onStop(() => stop.abort())
  try {
    const report = await runLoad({
      url,
      key: options.key,
      cast,
      mix: options.surfaceMix,
      rate,
      eventsRate: options.eventsRate,
      eventsBatch: options.eventsBatch,
      seconds: options.seconds,
      warmUpSeconds: options.warmUp,
      inFlightMax: options.inFlight,
      seed: options.seed,
      run: systemClock.now().toString(36),
      clock: systemClock,
      signal: stop.signal,
    })
    if (options.out !== undefined) {
      await writeFile(resolve(terminal.folder, options.out), JSON.stringify(report, undefined, 2) + '\n')
    }
    terminal.out(options.json ? JSON.stringify(report) : loadView(terminal, report))
  } finally {
    release()
  }
}
