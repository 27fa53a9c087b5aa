import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { systemClock } from '../foundation/base/index.ts'
import type { Context } from './context.ts'
import { FAILED, Misuse } from './failure.ts'
import { count } from './figures.ts'
import { type Mix, parseMix } from './load/mix.ts'
import { amountOf, jsonOption, keyOption, nonEmpty, urlOption } from './options.ts'
import { remotePlatform } from './remote.ts'
import { worldNames, type WorldName } from './worlds.ts'

interface GamedayOptions {
  readonly url?: string
  readonly key?: string
  readonly data?: string
  readonly world: WorldName
  readonly rate: number
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
    .option('--rate <count>', 'slates per second', amountOf(1, 100_000), 80)
    .option('--events <count>', 'events per second at the same time', amountOf(0, 1_000_000), 200)
    .option('--seconds <seconds>', 'length of each scene', amountOf(0.5, 3600), 8)
    .addOption(
      new Option('--surface-mix <parts>', 'parts of the traffic by surface')
        .argParser(parseMix)
        .default(parseMix('home:80,next:200,search:40'), 'home:80,next:200,search:40'),
    )
    .option(
      '--faults <names...>',
      'only these scenes: a fault, or several joined by + (default: all, and combinations)',
    )
    .option('--out <file>', 'write the report there as JSON too', nonEmpty)
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Without --url it starts a server of its own in another process. A server at --url must have been started with
SLUICE_FAULTS=on on a simulated platform; its data gets the events of the load. The exit code is 1 when a request failed
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
  const [{ scenesOf }, { play }, { Panel }, { gamedayView, failures }, { ownServer }] = await Promise.all([
    import('./gameday/scenes.ts'),
    import('./gameday/play.ts'),
    import('./gameday/panel.ts'),
    import('./gameday/view.ts'),
    import('./gameday/own-server.ts'),
  ])
  const [{ worldTraffic }, { createWorld }, { HttpClient }] = await Promise.all([
    import('./load/world-traffic.ts'),
    import('../world/index.ts'),
    import('./http-client.ts'),
  ])
  const scenes = scenesOf(faultNames, options.faults ?? [])
  const injections = scenes.map(({ faults }) => parseFaults(faults.join(','))) // a misspelt name ends it before it begins
  const stop = new AbortController()
  const release = terminal.onStop(() => stop.abort())
  const data = options.data === undefined ? undefined : resolve(terminal.folder, options.data)
  const own = options.url === undefined ? await ownServer(options.world, data, (line) => terminal.err(line)) : undefined
  const url = options.url ?? (own?.url as string)
  const client = new HttpClient({ url, key: options.key, connections: 4 })
  try {
    const { world: sizes } = await remotePlatform({ url, key: options.key }).status()
    if (!sizes) throw new Misuse(`Nothing at ${url} to judge slates by: it was not filled with a simulated platform`)
    const { start: _, ...known } = sizes
    const world = createWorld(known)
    const playing = {
      url,
      key: options.key,
      traffic: worldTraffic(known, 'gameday', systemClock.now().toString(36)),
      panel: new Panel(world, client, systemClock),
      client,
      mix: options.surfaceMix,
      rate: options.rate,
      eventsRate: options.events,
      seconds: options.seconds,
      clock: systemClock,
      signal: stop.signal,
    }
    terminal.err(
      `${count(scenes.length)} scenes of ${options.seconds} s at ${url}: ${options.rate} slates/s, ${options.events} events/s`,
    )
    await play({ name: 'warm-up', faults: [] }, [], new Set(), playing)
    const healthy = await play({ name: 'healthy', faults: [] }, [], new Set(), playing)
    const usual = new Set(Object.keys(healthy.rungs))
    const reports = [healthy]
    for (const [i, scene] of scenes.entries()) {
      if (stop.signal.aborted) break
      terminal.err(`${i + 1}/${scenes.length} ${scene.name}`)
      reports.push(await play(scene, injections[i] ?? [], usual, playing))
    }
    const bad = reports.filter((report) => failures(report) > 0 || report.recoverySeconds === null)
    const told = {
      url,
      rate: options.rate,
      eventsRate: options.events,
      seconds: options.seconds,
      passed: bad.length === 0,
      scenes: reports,
    }
    if (options.out !== undefined)
      await writeFile(resolve(terminal.folder, options.out), JSON.stringify(told, undefined, 2) + '\n')
    terminal.out(options.json ? JSON.stringify(told) : gamedayView(terminal, reports))
    if (bad.length > 0) context.exitCode = FAILED
  } finally {
    release()
    await client.close()
    await own?.close()
  }
}
