import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { Context } from './context.ts'
import { FAILED } from './failure.ts'
import type { SceneReport } from './gameday/play.ts'
import type { OnOwn } from './gameday/redis-outage.ts'
import { type Mix, parseMix } from './load/mix.ts'
import { amountOf, jsonOption, keyOption, nonEmpty, urlOption } from './options.ts'
import { writeOut } from './out-file.ts'
import { worldNames, type WorldName } from './worlds.ts'

interface GamedayOptions {
  readonly url?: string
  readonly key?: string
  readonly data?: string
  readonly world: WorldName
  readonly rate?: number
  readonly events: number
  readonly seconds: number
  readonly surfaceMix: Mix
  readonly faults?: readonly string[]
  readonly out?: string
  readonly json?: boolean
}

export function gamedayCommand(program: Command, context: Context): void {
  program
    .command('gameday')
    .description(
      'Break a server on purpose, one part after the other and together, under load, and see that it goes on.',
    )
    .addOption(urlOption())
    .addOption(keyOption())
    .option(
      '--data <folder>',
      'data folder of the server that is started (default: one that is deleted afterwards)',
      nonEmpty,
    )
    .addOption(
      new Option('--world <size>', 'simulated platform of the server that is started')
        .choices(worldNames.filter((name) => name !== 'none'))
        .default('default'),
    )
    .option(
      '--rate <count>',
      'slates per second (default: what the healthy server bears, which is looked for first)',
      amountOf(1, 100_000),
    )
    .option('--events <count>', 'events per second at the same time', amountOf(0, 1_000_000), 200)
    .option('--seconds <seconds>', 'length of each scene', amountOf(0.5, 3600), 8)
    .addOption(
      new Option('--surface-mix <parts>', 'parts of the traffic by surface')
        .argParser(parseMix)
        .default(parseMix('home:80,next:200,search:40'), 'home:80,next:200,search:40'),
    )
    .option(
      '--faults <names...>',
      'only these scenes: a fault, several joined by +, or redis-killed (default: all, and combinations)',
    )
    .option('--out <file>', 'write the report there as JSON too', nonEmpty)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Without --url it starts a server of its own in another process, and waits until that has trained its models. A server at --url must have been started with
SLUICE_FAULTS=on on a simulated platform; its data gets the events of the load. The scene redis-killed starts another
server that keeps its features in a redis-server of this machine, and is skipped where there is none. The exit code is 1 when a request failed
otherwise than designed, a slate broke a rule of policy, or a recovery did not come.

Examples:
  $ sluice gameday
  $ sluice gameday --world small --seconds 3 --faults ranker-down index-down+features-slow
  $ sluice gameday --url http://127.0.0.1:8787 --rate 200 --json`,
    )
    .action((options: GamedayOptions) => gameday(context, options))
}

async function gameday(context: Context, options: GamedayOptions): Promise<void> {
  const { terminal, rooms } = context
  const { faultNames, parseFaults } = await rooms.app()
  const [{ REDIS, scenesOf }, { playAll }, { gamedayView, isBad }, { ownServer }, { trained }, { redisOutage }] =
    await Promise.all([
      import('./gameday/scenes.ts'),
      import('./gameday/play-all.ts'),
      import('./gameday/view.ts'),
      import('./gameday/own-server.ts'),
      import('./gameday/trained.ts'),
      import('./gameday/redis-outage.ts'),
    ])
  const wanted = options.faults ?? []
  const named = wanted.filter((name) => name !== REDIS)
  const scenes = wanted.length > 0 && named.length === 0 ? [] : scenesOf(faultNames, named)
  const injections = scenes.map(({ faults }) => parseFaults(faults.join(','))) // a misspelt name ends it before it begins
  const stop = new AbortController()
  const release = terminal.onStop(() => stop.abort())
  const tell = (line: string) => terminal.err(line)
  const data = options.data === undefined ? undefined : resolve(terminal.folder, options.data)
  const day = { ...options, signal: stop.signal, tell }
  /** On a server of its own, by a configuration. */
  const onOwn: OnOwn = async (config, work) => {
    const own = await ownServer(options.world, data, tell, config)
    try {
      await trained(own.url, tell, stop.signal)
      return await work(own.url)
    } finally {
      await own.close()
    }
  }
  try {
    const all = (url: string) => playAll({ ...day, url }, scenes, injections)
    const reports = [...(scenes.length === 0 ? [] : await (options.url ? all(options.url) : onOwn(undefined, all)))]
    if ((wanted.length === 0 || wanted.includes(REDIS)) && !stop.signal.aborted)
      reports.push(...(options.url ? skipped(tell) : await redisOutage(day, terminal.folder, onOwn)))
    const bad = reports.filter(isBad)
    const { events: eventsRate, seconds } = options
    const told = { url: options.url, eventsRate, seconds, passed: bad.length === 0, scenes: reports }
    if (options.out !== undefined)
      await writeOut(terminal.folder, options.out, JSON.stringify(told, undefined, 2) + '\n')
    terminal.out(options.json ? JSON.stringify(told) : gamedayView(terminal, reports))
    if (bad.length > 0) context.exitCode = FAILED
  } finally {
    release()
  }
}

function skipped(tell: (line: string) => void): SceneReport[] {
  tell('The outage of Redis is skipped: it needs a server of its own, not one at --url')
  return []
}
