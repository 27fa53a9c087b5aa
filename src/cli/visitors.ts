import type { Command } from 'commander'
import { systemClock } from '../foundation/base/index.ts'
import type { Context } from './context.ts'
import { Misuse } from './failure.ts'
import { count, counted } from './figures.ts'
import { amountOf, dataOption, jsonOption, keyOption, nonEmpty, urlOption, wholeNumber } from './options.ts'
import { remotePlatform } from './remote.ts'
import { serverUrl } from './running.ts'
import { rateOption, VISITORS_RATE, VISITORS_SLATES_MAX } from './visitors/options.ts'
import { visitorsLine, visitorsView } from './visitors/view.ts'

interface VisitorsCommandOptions {
  readonly url?: string
  readonly key?: string
  readonly data: string
  readonly rate: number
  readonly seconds?: number
  readonly slates: number
  readonly every?: number
  readonly seed?: string
  readonly json?: boolean
}

export function visitorsCommand(program: Command, context: Context): void {
  program
    .command('visitors')
    .description('Let the users of a simulated platform visit its running server: they ask, watch, react and return.')
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(dataOption())
    .addOption(rateOption('--rate <count>', 'slates per second').default(VISITORS_RATE))
    .option('--seconds <seconds>', 'how long they come (default: until stopped)', amountOf(0.1, 31_536_000))
    .option('--slates <count>', 'slates after which they leave', wholeNumber(1, 1e9), VISITORS_SLATES_MAX)
    .option('--every <seconds>', 'report so often while they act', amountOf(0.1, 86_400))
    .option('--seed <text>', 'seed of what they do (default: another one each time)', nonEmpty)
    .addOption(jsonOption('print reports as lines of JSON'))
    .addHelpText(
      'after',
      `
They continue the history of the platform, and their days pass as fast as slates are asked for. The report at the end
tells their true satisfaction, which no event carries. They need a key with the rights read, write and admin.

Examples:
  $ sluice visitors
  $ sluice visitors --url http://127.0.0.1:8787 --rate 20 --seconds 60 --json`,
    )
    .action((options: VisitorsCommandOptions) => visitors(context, options))
}

/** Time between two lines of a log that nobody watches. */
const LINE_EVERY_S = 60

async function visitors({ terminal }: Context, options: VisitorsCommandOptions): Promise<void> {
  const url = options.url ?? serverUrl(terminal.folder, options.data)
  const { world: sizes } = await remotePlatform({ url, key: options.key }).status()
  if (!sizes) {
    throw new Misuse(`Nobody to visit ${url}: it was not filled with a simulated platform. Try sluice load`)
  }
  const stop = new AbortController()
  const release = terminal.onStop(() => stop.abort())
  const [{ Drive }, { createWorld }] = await Promise.all([import('./visitors/drive.ts'), import('../world/index.ts')])
  const { start: _, ...world } = sizes
  const run = systemClock.now().toString(36)
  const drive = new Drive({
    url,
    key: options.key,
    world: createWorld(world),
    rate: options.rate,
    slatesMax: options.slates,
    seed: options.seed ?? run,
    run,
    clock: systemClock,
  })
  if (!options.json) terminal.err(`${count(sizes.users)} users may visit ${url}, ${options.rate} slates/s`)
  const every = options.every ?? (terminal.interactive ? 1 : LINE_EVERY_S)
  const tell = () => {
    if (options.json) {
      if (options.every !== undefined) terminal.out(JSON.stringify(drive.report()))
    } else if (terminal.interactive) terminal.status(visitorsLine(drive.report()))
    else terminal.err(visitorsLine(drive.report()))
  }
  const timer = setInterval(tell, every * 1000)
  try {
    const report = await drive.run(stop.signal, options.seconds)
    if (terminal.interactive && !options.json) terminal.status('')
    if (stop.signal.aborted)
      terminal.err(`Stopped: ${counted(report.untold, 'event')} of the last slates stayed untold`)
    terminal.out(options.json ? JSON.stringify(report) : visitorsView(terminal, report))
  } finally {
    clearInterval(timer)
    release()
  }
}
