import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { Option, type Command } from 'commander'
import type { Progress, TrainNews } from '../app/index.ts'
import type { Config } from '../domain/index.ts'
import { roomyHeap, SluiceError } from '../foundation/base/index.ts'
import { Misuse } from './failure.ts'
import { inFile, loadConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { counted, seconds } from './figures.ts'
import { refuseUsedFolder } from './open.ts'
import { amountOf, configOption, dataOption, jsonOption, nonEmpty, wholeNumber } from './options.ts'
import { progressView } from './progress.ts'
import { announceServer } from './running.ts'
import { type Company, companyFor } from './visitors/company.ts'
import { rateOption, VISITORS_RATE } from './visitors/options.ts'
import { unusedCores } from './unused-cores.ts'
import { version } from './version.ts'
import type { Terminal } from './terminal.ts'
import { welcome } from './welcome.ts'
import { worldNames, worldSizes, type WorldName } from './worlds.ts'

interface UpOptions {
  readonly data: string
  readonly port?: number
  readonly host?: string
  readonly config?: string
  readonly fresh?: boolean
  readonly yes?: boolean
  readonly budget?: number
  readonly world: WorldName
  readonly train: boolean
  /** Slates per second; false for nobody. */
  readonly visitors?: number | false
  readonly json?: boolean
}

export function upCommand(program: Command, context: Context): void {
  program
    .command('up')
    .description('Serve a platform. An empty data folder is filled with a simulated one first.')
    .addOption(dataOption())
    .addOption(
      new Option('--port <port>', 'port to listen on; 0 for any free one')
        .env('PORT')
        .argParser(wholeNumber(0, 65_535)),
    )
    .option('--host <address>', 'address to listen on; 0.0.0.0 for every network', nonEmpty)
    .option('--budget <ms>', 'latency profile to serve by: the one of so many milliseconds', amountOf(1, 60_000))
    .option('--fresh', 'throw the content of the data folder away first')
    .option('--yes', 'yes, with --fresh also data that are no simulated platform')
    .addOption(
      new Option('--world <size>', 'simulated platform for an empty folder').choices(worldNames).default('default'),
    )
    .addOption(
      rateOption(
        '--visitors <rate>',
        `slates per second that live users of a simulated platform ask for (default: ${VISITORS_RATE}; nobody with --json)`,
      ),
    )
    .option('--no-visitors', 'nobody visits a simulated platform')
    .option('--no-train', 'do not train models beside the server')
    .addOption(configOption())
    .addOption(jsonOption('print one line of JSON when it serves'))
    .addHelpText(
      'after',
      `
Examples:
  $ sluice up
  $ PORT=9000 sluice up --data /var/lib/sluice --world none
  $ sluice up --visitors 20
  $ sluice up --budget 50
  $ sluice up --fresh --world small --json`,
    )
    .action((options: UpOptions) => up(context, options))
}

/** How long a stop waits for a data folder that is still being opened. */
const OPENING_MS = 1_000

/** Serves until the process is asked to stop. */
async function up(context: Context, options: UpOptions): Promise<void> {
  const { terminal, rooms } = context
  const started = performance.now()
  const loaded = await loadConfig(terminal.folder, options.config)
  const { file } = loaded
  const config = options.budget === undefined ? loaded.config : withBudget(loaded.config, options.budget)
  const data = await refuseUsedFolder(context, options.data)
  const serving = { ...config.server, ...overrides(options.host, options.port) }
  const [{ createEngine, holdsOwnData, openRegistry, strangeModels }, { createServer }, telemetry] = await Promise.all([
    rooms.app(),
    rooms.server(),
    rooms.telemetry(),
  ])
  if (options.fresh && !options.yes && holdsOwnData(data))
    throw new Misuse(`Nothing was thrown away: ${data} holds data of your own; add --yes to throw it away for good`)
  const log = telemetry.createLog(serving.log)
  const metrics = telemetry.createMetrics()
  const traces = await telemetry.openTraces(serving.traces, version)

  let stop: () => void = () => undefined
  const stopped = new Promise<false>((done) => {
    stop = () => done(false)
  })
  const release = terminal.onStop(() => {
    terminal.err('Stopping; once more to stop at once')
    stop()
  })

  roomyHeap()
  const engine = inFile(file, () =>
    createEngine({
      data,
      config,
      log,
      metrics,
      fresh: options.fresh === true,
      faults: terminal.env['SLUICE_FAULTS'],
      world: worldSizes[options.world],
      learn: config.learning.train && options.train,
      workers: serving.workers,
      onTraining: (news) => tellTraining(terminal, news),
    }),
  )
  for (const strange of strangeModels(config, openRegistry(data).names())) terminal.err(`Warning: ${strange}`)
  const view = progressView(terminal, { briefMs: 0 })
  const server = await createServer({ engine, config: serving, log, metrics, tracer: traces.tracer })
  let withdraw: (() => void) | undefined
  let opening: Promise<void> | undefined
  let company: Company | undefined
  try {
    const { url } = await server.listen() // first, so that /health and /ready tell how far it is
    const announce = () => {
      withdraw ??= announced(terminal, data, url)
    }
    const told = (progress: Progress) => {
      if (progress.phase !== 'open') announce() // the folder is this process's: others may ask how far it is
      view.show(progress)
    }
    opening = engine.open(told).finally(view.end)
    if (await Promise.race([opening.then(() => true), stopped])) {
      opening = undefined
      company = companyFor(options, engine.status().world, { url, data, keys: serving.apiKeys })
      announce()
      const { unwritten } = engine.status()
      if (unwritten)
        terminal.err(
          `Warning: the disk of ${data} takes nothing: slates are served, events are answered 503 until there is room`,
        )
      if (options.json) terminal.out(JSON.stringify({ ready: true, url }))
      else {
        const { items, users, events } = engine.status()
        const held = [counted(items, 'item'), counted(users, 'user'), counted(events, 'event')].join(', ')
        terminal.out(
          await welcome(terminal, engine, { url, data, config: file, keyed: serving.apiKeys.length > 0, company }),
        )
        terminal.err(`Ready in ${seconds((performance.now() - started) / 1000)}: ${held}. Ctrl-C stops it.`)
        const spare = unusedCores(availableParallelism(), serving.workers)
        if (spare) terminal.err(spare)
      }
      company?.start(terminal, log)
    }
    await stopped
  } finally {
    withdraw?.()
    view.end()
    await company?.stop()
    await server.close()
    await traces.close()
    // Stopped while it opens: that is given a moment, then left to be found by the next start, as after a crash.
    if (!opening || (await settles(opening, OPENING_MS))) await engine.close()
    release()
  }
}

/** On a disk without room even the note of the address may find none: other commands are then given it by hand. */
function announced(terminal: Terminal, data: string, url: string): () => void {
  try {
    return announceServer(data, { pid: process.pid, url })
  } catch (error) {
    terminal.err(
      `Warning: commands do not find this server by its folder, add --url ${url} (${(error as Error).message})`,
    )
    return () => undefined
  }
}

/** What came of a training, as a line. */
function tellTraining(terminal: Terminal, news: TrainNews): void {
  if (news.kind === 'failed') terminal.err(`${news.model} was not trained: ${news.message}`)
  if (news.kind !== 'trained') return
  const { model, version, promoted, gates } = news.report
  const failed = gates.filter(({ pass }) => !pass).map(({ gate, say }) => `${gate}: ${say}`)
  const end = promoted ? 'it serves now' : `it does not serve (${failed.join('; ')})`
  terminal.err(`Trained ${model} ${version} in ${seconds(news.report.seconds)}: ${end}`)
}

async function settles(work: Promise<void>, withinMs: number): Promise<boolean> {
  const settled = work.then(
    () => true,
    () => true,
  )
  return Promise.race([settled, delay(withinMs, false, { ref: false })])
}

function overrides(host: string | undefined, port: number | undefined): { host?: string; port?: number } {
  return { ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }) }
}

/** @throws SluiceError ERR_CONFIG_INVALID when no profile has that budget */
function withBudget(config: Config, ms: number): Config {
  const { profiles } = config.budgets
  const found = Object.entries(profiles).find(([, { budgetMs }]) => budgetMs === ms)
  if (found) return { ...config, budgets: { profile: found[0], profiles } }
  const known = Object.entries(profiles).map(([name, { budgetMs }]) => `${name} (${budgetMs} ms)`)
  throw new SluiceError('ERR_CONFIG_INVALID', ['--budget', `${ms} is that of no profile; known: ${known.join(', ')}`])
}
