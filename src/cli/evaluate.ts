import { Option, type Command } from 'commander'
import type { Protocol } from '../app/index.ts'
import { loadConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { evaluationView } from './evaluation-view.ts'
import { Misuse } from './failure.ts'
import { amountOf, configOption, dataOption, existingFolder, jsonOption, nonEmpty, wholeNumber } from './options.ts'
import { progressView } from './progress.ts'
import { rungsView } from './rungs-view.ts'

interface EvaluateOptions {
  readonly data: string
  readonly protocol: Protocol
  readonly users: number
  readonly surface: string
  readonly known: number
  readonly balance?: boolean
  readonly rungs?: boolean
  readonly seed: string
  readonly config?: string
  readonly json?: boolean
}

export function evaluateCommand(program: Command, context: Context): void {
  program
    .command('evaluate')
    .description(
      'Judge each source and the whole spine on the events of a data folder, by ranking the whole catalogue.',
    )
    .addOption(dataOption())
    .addOption(
      new Option(
        '--protocol <protocol>',
        'leave-one-out: the last event of each user is asked for; time-split: what comes after one moment',
      )
        .choices(['leave-one-out', 'time-split'] satisfies Protocol[])
        .default('time-split'),
    )
    .option('--users <count>', 'most users judged, drawn by the seed; 0 for all', wholeNumber(0, 1_000_000_000), 0)
    .option('--surface <name>', 'surface whose recipe is judged', nonEmpty, 'home')
    .option('--known <share>', 'share of the events that is known (time-split)', amountOf(0.01, 0.99), 0.9)
    .option('--balance', 'judge the spine with the weight of `popular` that fits the known part too (time-split)')
    .option(
      '--rungs',
      'instead, judge each rung of the degradation ladder under each circumstance, by the truth of a simulated platform',
    )
    .option('--seed <text>', 'seed of every draw', nonEmpty, '1')
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ sluice evaluate --protocol leave-one-out --users 500
  $ sluice evaluate --data ml --protocol time-split --json
  $ sluice evaluate --rungs --users 200`,
    )
    .action(async (options: EvaluateOptions) => {
      const { terminal, rooms } = context
      if (options.balance && options.protocol !== 'time-split') {
        throw new Misuse('--balance needs --protocol time-split: what fits is found in a part that comes later')
      }
      const data = existingFolder(terminal.folder, options.data)
      const { config } = await loadConfig(terminal.folder, options.config)
      const { evaluate, rungsOf } = await rooms.app()
      const view = progressView(terminal)
      try {
        if (options.rungs) {
          const { surface, users: usersMax } = options
          if (!Object.hasOwn(config.surfaces, surface)) throw new Misuse(`There is no surface ${surface} to judge`)
          const report = await rungsOf({ data, config, surface, usersMax, onProgress: view.show })
          view.end()
          return terminal.out(options.json ? JSON.stringify(report) : rungsView(terminal, report))
        }
        const report = await evaluate({
          data,
          config,
          protocol: options.protocol,
          usersMax: options.users,
          seed: options.seed,
          knownShare: options.known,
          surface: options.surface,
          balance: options.balance === true,
          onProgress: view.show,
        })
        view.end()
        terminal.out(options.json ? JSON.stringify(report) : evaluationView(terminal, report))
      } finally {
        view.end()
      }
    })
}
