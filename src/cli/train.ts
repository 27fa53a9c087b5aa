import { resolve } from 'node:path'
import { Argument, type Command } from 'commander'
import { SluiceError } from '../foundation/base/index.ts'
import type { ModelName, TrainReport } from '../app/index.ts'
import { trainable } from '../domain/index.ts'
import { loadConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { reportFailure } from './failure.ts'
import { count, seconds, wrapped } from './figures.ts'
import { metricsView } from './metrics-view.ts'
import { amountOf, configOption, dataOption, existingFolder, jsonOption, nonEmpty, wholeNumber } from './options.ts'
import { progressView } from './progress.ts'
import { collected } from './sweep.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

interface TrainCommandOptions {
  readonly data: string
  readonly seed?: string
  readonly epochs?: number
  readonly set: readonly string[]
  readonly samples?: string
  readonly holdout?: number
  readonly threads?: number
  readonly config?: string
  readonly json?: boolean
}

export function trainCommand(program: Command, context: Context): void {
  program
    .command('train')
    .description('Train a model on the events of a data folder, judge it, and make it live when every gate passes.')
    .addArgument(new Argument('<model>', 'what to train').choices([...trainable, 'all']))
    .addOption(dataOption())
    .option('--seed <text>', 'seed of every draw; default: the name of the model', nonEmpty)
    .option('--epochs <count>', 'most passes over the data', wholeNumber(1, 10_000))
    .option('--samples <path>', 'file or Parquet folder of samples for a ranking model, see sluice samples', nonEmpty)
    .option('--holdout <share>', 'latest share the model must not know, for sluice evaluate', amountOf(0.01, 0.9))
    .option(
      '--set <setting>',
      'NAME=VALUE for the training, as learning.settings names it; may be given again',
      collected,
      [],
    )
    .option('--threads <count>', 'threads that share each step; default: learning.threads', wholeNumber(1, 64))
    .addOption(configOption())
    .addOption(jsonOption('print one JSON object for each model, a line as it ends'))
    .addHelpText(
      'after',
      `
A server on the same folder goes on serving and takes the new version when it is live. A training that was
stopped goes on where it was.

Example:
  $ sluice train sequence --data ml --epochs 20
  $ sluice train sequence --data mine --set width=32 --set dropout=0.2
  $ sluice train two-tower --data mine --set logQ=false --set network.blocks=2
  $ sluice train bst-isolated --data mine --json
  $ sluice train all --data mine --json | jq '{model, promoted}'   # JSON lines: one object for each model
  $ sluice train bst-isolated --data mine --holdout 0.1   # then: sluice evaluate --data mine --known 0.9`,
    )
    .action(async (name: ModelName | 'all', options: TrainCommandOptions) => {
      const { terminal, rooms } = context
      const { seed, epochs, holdout, threads } = options
      const data = existingFolder(terminal.folder, options.data)
      const { config } = await loadConfig(terminal.folder, options.config)
      const { parseSetting, trainModels } = await rooms.app()
      const settings = settingsOf(options.set.map((text) => parseSetting(name === 'all' ? 'coarse' : name, text)))
      const view = progressView(terminal)
      const asked = {
        ...{ data, config, settings, onProgress: view.show },
        ...(options.samples === undefined ? {} : { samples: resolve(terminal.folder, options.samples) }),
        ...(holdout === undefined ? {} : { holdout }),
        ...(seed === undefined ? {} : { seed }),
        ...(epochs === undefined ? {} : { epochs }),
        ...(threads === undefined ? {} : { threads }),
      }
      const refused = (error: Error) => {
        view.end()
        context.exitCode = reportFailure(terminal, error, options.json ?? false)
      }
      try {
        const all = name === 'all'
        for await (const report of trainModels(all ? trainable : [name], { ...asked, ...(all && { refused }) })) {
          view.end()
          terminal.out(options.json ? JSON.stringify(report) : trainView(terminal, report))
          if (!report.promoted) context.exitCode = 1
        }
      } finally {
        view.end()
      }
    })
}

/** @throws SluiceError ERR_SWEEP_SPACE for a setting of many values: that is for a sweep */
function settingsOf(parsed: readonly (readonly [string, unknown])[]): Record<string, string | number | boolean> {
  return Object.fromEntries(
    parsed.map(([name, choices]) => {
      const [value, ...others] = Array.isArray(choices) ? (choices as (string | number | boolean)[]) : []
      if (value === undefined || others.length > 0)
        throw new SluiceError('ERR_SWEEP_SPACE', [name, 'a training takes one value; many are for sluice sweep'])
      return [name, value]
    }),
  )
}

function trainView(terminal: Terminal, report: TrainReport): string {
  const { green, red } = terminal.colours
  return [
    `${report.model} ${report.version}: ${count(report.examples)} examples in ${seconds(report.seconds)}`,
    metricsView(terminal, report.metrics),
    gatesView(terminal, report.gates),
    report.promoted ? green('It is live.') : red('It is not live: a gate failed. What served before goes on serving.'),
  ].join('\n')
}

/** Columns of the window that borders, spaces and verdicts take beside names and reasons. */
const OTHER_CELLS = 17
const SAY_WIDTH_MIN = 40

/** The verdicts of a version's gates. */
export function gatesView(terminal: Terminal, gates: TrainReport['gates']): string {
  const { green, red } = terminal.colours
  const names = Math.max('gate'.length, ...gates.map(({ gate }) => gate.length))
  const width = Math.max(SAY_WIDTH_MIN, terminal.width - names - OTHER_CELLS)
  const rows = gates.map(({ gate, pass, say }) => [gate, pass ? green('pass') : red('fail'), wrapped(say, width)])
  return table(terminal, [{ head: 'gate' }, { head: 'verdict' }, { head: 'why' }], rows)
}
