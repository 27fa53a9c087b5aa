import type { Command } from 'commander'
import type { EngineStatus } from '../app/index.ts'
import type { Context } from './context.ts'
import { bytes, count, seconds } from './figures.ts'
import { shadowsView } from './models-shadow.ts'
import { progressLine } from './progress.ts'
import { openPlatform, type OpenOptions } from './open.ts'
import { configOption, dataOption, jsonOption, keyOption, urlOption } from './options.ts'
import type { Platform } from './platform.ts'
import { facts } from './table.ts'
import type { Terminal } from './terminal.ts'

export function statusCommand(program: Command, context: Context): void {
  program
    .command('status')
    .description('Say what a platform holds and how it is.')
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Example:
  $ sluice status --json`,
    )
    .action(async (options: OpenOptions & { json?: boolean }) => {
      const platform = await openPlatform(context, options)
      const { terminal } = context
      try {
        const status = await platform.status()
        if (options.json) return terminal.out(JSON.stringify(told(platform, status)))
        terminal.out(
          facts(terminal, [
            ['where', platform.where],
            ['server', platform.running ? readiness(terminal, status) : terminal.colours.yellow(NO_SERVER)],
            ...(status.faults ? [['injected', injectedLine(terminal, status.faults)] as const] : []),
            ['version', status.version],
            ['items', count(status.items)],
            ['users', count(status.users)],
            ['events', count(status.events)],
            ['log', bytes(status.journalBytes)],
            ['waiting for the disk', count(status.pending)],
            ...(status.unwritten ? [['disk', diskLine(terminal, status.unwritten)] as const] : []),
            ...(platform.running ? [['up for', seconds(status.uptimeSeconds)] as const] : []),
            ['models', modelsOf(status.models, status.kept)],
            ...(hasAny(status.shadows) ? [['in the shadow', shadowsView(status.shadows)] as const] : []),
            ...(status.workers ? [['workers', workersLine(status.workers)] as const] : []),
            ...(status.learning ? [['training', trainingOf(status.learning)] as const] : []),
            ['state in memory', memoryLine(status.memory)],
            ...(status.digest === undefined ? [] : ([['configuration', status.digest]] as const)),
          ]),
        )
      } finally {
        await platform.close()
      }
    })
}

const hasAny = <T>(table: Readonly<Record<string, T>> = {}): table is Readonly<Record<string, T>> =>
  Object.keys(table).length > 0

const NO_SERVER = 'no server runs here; the folder was read (sluice up starts one)'

function readiness({ colours }: Terminal, { ready, phase }: EngineStatus): string {
  return ready ? colours.green('ready') : colours.yellow(`not ready: ${phase}`)
}

function diskLine({ colours }: Terminal, { since, why }: NonNullable<EngineStatus['unwritten']>): string {
  const from = new Date(since).toISOString().slice(0, 16).replace('T', ' ')
  return colours.red(
    `takes nothing since ${from} UTC (${why}): events are answered 503. Make room; it goes on by itself`,
  )
}

function injectedLine({ colours }: Terminal, faults: readonly string[]): string {
  return `${colours.red(faults.join(', '))}, on purpose (sluice faults --off ends it)`
}

/** For programs. What was opened for a moment is not ready for anybody, and not up. */
function told({ where, running }: Platform, status: EngineStatus): object {
  if (running) return { where, running, ...status }
  const { ready: _, uptimeSeconds: __, ...held } = status
  return { where, running, ...held, ready: false, phase: 'no server runs here' }
}

/** Parts of the state that are named. */
const PARTS_TOLD = 6

/** The whole, and its largest parts. */
function memoryLine(memory: EngineStatus['memory']): string {
  const parts = Object.entries(memory).sort(([, a], [, b]) => b - a)
  const whole = parts.reduce((sum, [, size]) => sum + size, 0)
  const told = parts.slice(0, PARTS_TOLD).map(([part, size]) => `${part} ${bytes(size)}`)
  const left = parts.length - told.length
  return `${bytes(whole)}: ${told.join(', ')}${left > 0 ? ` and ${count(left)} smaller parts (--json)` : ''}`
}

function workersLine({ wanted, ready, here, threads }: NonNullable<EngineStatus['workers']>): string {
  const each = threads.map(({ made, failed, lost, restarts }, place) => {
    const troubles = Object.entries({ failed, lost, 'begun again': restarts }).filter(([, times]) => times > 0)
    return `${place}: ${[`${count(made)} slates`, ...troubles.map(([what, times]) => `${count(times)} ${what}`)].join(', ')}`
  })
  return [`${ready} of ${wanted} make slates`, ...each, `the server itself: ${count(here)}`].join('; ')
}

function modelsOf(models: EngineStatus['models'], kept: EngineStatus['kept'] = {}): string {
  const names = Object.entries(models).map(([model, version]) => {
    const before = kept[model]
    return before === undefined ? `${model} ${version}` : `${model} ${version} (${before} at hand)`
  })
  return names.length > 0 ? names.join(', ') : 'none yet: the bootstrap ranker serves'
}

function trainingOf({ state, progress, failed, online }: NonNullable<EngineStatus['learning']>): string {
  const now = state === 'waiting' ? 'nothing is due' : progress === undefined ? 'begins' : progressLine(progress)
  const why = Object.entries(failed).map(([model, message]) => `${model}: ${message}`)
  return [now, ...why, ...(online === undefined ? [] : [`online: ${online}`])].join('; ')
}
