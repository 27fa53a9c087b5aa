import { bytes, count, milliseconds, moment, percent, seconds } from '../figures.ts'
import { facts, table } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import type { Frame, IndexFrame } from './frame.ts'

/** A thread that shares its cores always waits a little. */
const WAITS_LEAST = 0.1

export function topView(terminal: Terminal, frame: Frame): string {
  const { colours } = terminal
  const { minute } = frame
  const title = `sluice ${frame.version}  ${frame.where}  up ${seconds(frame.uptimeSeconds)}  ${moment(frame.at)}`
  const rungs = Object.entries(frame.rungs).map(([rung, share]) =>
    rung === 'full' ? `full ${percent(share)}` : colours.yellow(`${rung} ${percent(share)}`),
  )
  const optional = (name: string, value: number | undefined, say: (value: number) => string) =>
    value === undefined ? [] : ([[name, say(value)]] as const)
  return [
    colours.bold(title),
    facts(terminal, [
      ['slates/s', frame.slatesPerSecond.toFixed(1)],
      ['events/s', `${frame.eventsPerSecond.toFixed(1)}, ${count(frame.pending)} wait for the disk`],
      ['rungs', rungs.join('  ') || colours.dim('no slate')],
      ...troublesOf(terminal, frame),
      ['processor', processorOf(frame)],
      ...(frame.workers ? [['workers', workersOf(terminal, frame.workers)] as const] : []),
      ['memory', bytes(frame.memoryBytes)],
      ['holds', `${count(frame.items)} items, ${count(frame.users)} users, ${count(frame.events)} events`],
      ...optional('event to slate', minute.visibleP99, (ms) => `p99 ${milliseconds(ms)} ms`),
      ...optional('clicks', minute.ctr, (ctr) => `${percent(ctr)} of the items shown`),
      ...optional('calibration', minute.calibration, (ratio) => `${ratio.toFixed(2)} clicks for each predicted`),
      ...optional('drift', minute.drift?.psi, (psi) => `${minute.drift?.feature} ${psi.toFixed(3)} (PSI)`),
      ...(minute.errors > 0 ? ([['errors', colours.red(percent(minute.errors, 2))]] as const) : []),
      [
        'models',
        Object.entries(frame.models)
          .map(([model, version]) => `${model} ${version}`)
          .join('  ') || 'none',
      ],
      ...frame.indexes.map((index) => ['index', indexOf(index)] as const),
    ]),
    ...(frame.layers.length > 0 ? [layersView(terminal, frame)] : []),
    ...(frame.sources.length > 0 ? [sourcesView(terminal, frame)] : []),
  ].join('\n')
}

/** Whether the machine gives it the cores that it asks for is told where it is so often not that slates come late. */
function processorOf({ cpuShare, minute: { loopLagP99, processorWait = 0 } }: Frame): string {
  const waits =
    processorWait > WAITS_LEAST ? `, waits for a core ${percent(processorWait, 0)} of the time it has work` : ''
  return `${percent(cpuShare, 0)} of a core, event loop p99 ${milliseconds(loopLagP99)} ms${waits}`
}

/** What keeps slates from being whole, besides sources; nothing where nothing does. */
function troublesOf({ colours }: Terminal, { minute, faults }: Frame): (readonly [string, string])[] {
  // What is only skipped lacks nothing but what comes before it.
  const failing = Object.keys(minute.stageFailures).map(
    (stage) => `${stage} ${percent(minute.stageFaults[stage] ?? 0)}`,
  )
  return [
    ...(faults ? [['injected', colours.red(`${faults.join(', ')}, on purpose`)] as const] : []),
    ...(failing.length > 0 ? [['stages that fail', colours.yellow(failing.join('  '))] as const] : []),
    ...(minute.shed > 0
      ? [['shed', colours.yellow(`${percent(minute.shed)} of the slates: requests wait`)] as const]
      : []),
    ...(minute.servedLost > 0
      ? [['not kept', colours.red(`${percent(minute.servedLost)} of the slates, in the served log`)] as const]
      : []),
  ]
}

/** "two-tower 4, generation 2: 60,000 vectors, 0.3 % astray, recall 0.9712" */
export function indexOf({ source, version, generation, size, astray, recall }: IndexFrame): string {
  const which = generation === 0 ? 'exact' : `generation ${generation}`
  const found = generation === 0 || recall === undefined ? '' : `, recall ${recall.toFixed(4)}`
  return `${source} ${version}, ${which}: ${count(size)} vectors${generation === 0 ? '' : `, ${percent(astray)} astray`}${found}`
}

function workersOf({ colours }: Terminal, workers: NonNullable<Frame['workers']>): string {
  const { wanted, ready, slatesPerSecond, restarts, requests, waitP99 } = workers
  const making = `${ready} of ${wanted} make slates`
  const rates = Object.entries(slatesPerSecond).map(([worker, rate]) => `${worker}: ${rate.toFixed(1)}/s`)
  return [
    ready < wanted ? colours.red(making) : making,
    ...rates,
    `${count(requests)} under way`,
    restarts > 0 ? colours.yellow(`${count(restarts)} begun again`) : 'none begun again',
    `p99 waits: changes ${milliseconds(waitP99.write)} ms, readers ${milliseconds(waitP99.read)} ms`,
  ].join(', ')
}

function layersView(terminal: Terminal, { layers }: Frame): string {
  const rows = layers.map(({ layer, p50, p99, budgetMs, over }) => [
    layer.includes('/') ? `  ${layer.split('/')[1]}` : terminal.colours.bold(layer),
    milliseconds(p50),
    over ? terminal.colours.yellow(milliseconds(p99)) : milliseconds(p99),
    budgetMs === undefined ? '' : milliseconds(budgetMs),
  ])
  return table(terminal, [{ head: 'ms' }, ...['p50', 'p99', 'budget'].map((head) => ({ head, right: true }))], rows)
}

function sourcesView(terminal: Terminal, { sources }: Frame): string {
  const rows = sources.map(({ source, share, faults }) => [
    source,
    percent(share),
    faults > 0 ? terminal.colours.yellow(percent(faults)) : '',
  ])
  return table(
    terminal,
    [{ head: 'source' }, { head: 'of what is shown', right: true }, { head: 'faults', right: true }],
    rows,
  )
}
