import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Argument, type Command } from 'commander'
import { SluiceError } from '../foundation/base/index.ts'
import type { SweepReport } from '../app/index.ts'
import { type SettableModel, settableModels } from '../domain/index.ts'
import { loadConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { configOption, DATA_FOLDER, dataOption, existingFolder, jsonOption, nonEmpty, wholeNumber } from './options.ts'
import { progressView } from './progress.ts'
import { quoted } from './shell.ts'
import { trialsView } from './sweep-view.ts'
import type { Terminal } from './terminal.ts'

interface SweepCommandOptions {
  readonly data: string
  readonly space?: string
  readonly set: readonly string[]
  readonly trials: number
  readonly grid?: boolean
  readonly epochs?: number
  readonly seed: string
  readonly config?: string
  readonly json?: boolean
}

export function sweepCommand(program: Command, context: Context): void {
  program
    .command('sweep')
    .description('Try settings of a model on the events of a data folder, and say which did best.')
    .addArgument(new Argument('<model>', 'what is trained').choices(settableModels))
    .addOption(dataOption())
    .option('--set <setting>', 'NAME=a,b,c, NAME=[a,b],[c] or NAME=low..high; may be given again', collected, [])
    .option('--space <file>', 'settings as JSON: lists of values, or { low, high, scale, whole } by name', nonEmpty)
    .option('--trials <count>', 'settings drawn', wholeNumber(1, 10_000), 9)
    .option('--grid', 'try every combination instead of drawing')
    .option('--epochs <count>', 'most passes over the data of each trial', wholeNumber(1, 10_000))
    .option('--seed <text>', 'seed of every draw', nonEmpty, '1')
    .addOption(configOption())
    .addOption(jsonOption('print each trial and the best one as JSON lines'))
    .addHelpText(
      'after',
      `
All trials see a part of the data, the best third of them three times as much, and so on to the whole. They are judged
on the validation part by the model's criterion (sequence: NDCG@10; two-tower: recall@100); the test part stays
unseen. A sweep that was stopped goes on where it was when it is asked for again. Names are those of a training's
configuration; lr is denseRate, dim is width, network.NAME is set in the network.

Examples:
  $ sluice sweep bst-isolated --set lr=0.0003..0.01 --set width=16,32 --trials 9
  $ sluice sweep din --set lr=0.001,0.003 --set tableRate=0.01,0.03 --grid
  $ sluice sweep sequence --set width=32,64 --set rate=0.0005..0.005 --set dropout=0..0.3
  $ sluice sweep two-tower --set logQ=true,false --set uniform=0.5,1,2 --grid
  $ sluice sweep bst-isolated --set network.hidden=[256,128,64],[128,64] --grid`,
    )
    .action(async (model: SettableModel, options: SweepCommandOptions) => {
      const { terminal, rooms } = context
      const data = existingFolder(terminal.folder, options.data)
      const { config } = await loadConfig(terminal.folder, options.config)
      const app = await rooms.app()
      const space = {
        ...(options.space === undefined
          ? {}
          : app.parseSpace(model, readJson(resolve(terminal.folder, options.space)))),
        ...onceEach(options.set.map((text) => app.parseSetting(model, text))),
      }
      const view = progressView(terminal)
      const stop = new AbortController()
      const release = terminal.onStop(() => stop.abort())
      const { trials, grid = false, epochs, seed, json } = options
      try {
        const report = await app.runSweep({
          ...{ data, config, model, space, trials, grid, seed, signal: stop.signal, onProgress: view.show },
          ...(epochs !== undefined && { epochs }),
          onTrial: (trial) => {
            if (json) terminal.out(JSON.stringify(trial))
          },
        })
        view.end()
        terminal.out(
          json
            ? JSON.stringify({ kind: 'best', ...report, trials: report.trials.length })
            : reportView(terminal, report, options.data),
        )
        if (report.best === undefined) context.exitCode = 1
      } finally {
        view.end()
        release()
      }
    })
}

/** What came of a sweep, and the commands that go on from it. */
export function reportView(terminal: Terminal, { model, run, trials, best }: SweepReport, data: string): string {
  const at = data === DATA_FOLDER ? '' : ` --data ${quoted(data)}`
  const shown = `${trialsView(terminal, trials)}\nrecord: sluice runs show sweep/${run}${at}`
  if (best === undefined) return `${shown}\nIt is not finished: ask for the same sweep again to go on.`
  const said = (value: unknown) => (Array.isArray(value) ? JSON.stringify(value) : String(value))
  const settings = Object.entries(best.settings).map(([name, value]) => `--set ${setting(name, said(value))}`)
  return `${shown}\nbest: sluice train ${model} ${settings.join(' ')}${at}`
}

const setting = (name: string, value: string): string => `${name}=${quoted(value)}`

/** @throws SluiceError ERR_SWEEP_SPACE for a setting that is given twice */
function onceEach<T>(settings: readonly (readonly [name: string, choices: T])[]): Record<string, T> {
  const names = settings.map(([name]) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice === undefined) return Object.fromEntries(settings)
  throw new SluiceError('ERR_SWEEP_SPACE', [twice, `it is given twice; give all its values at once: ${twice}=a,b,c`])
}

export const collected = (text: string, before: readonly string[]): readonly string[] => [...before, text]

/** @throws SluiceError ERR_SWEEP_SPACE */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new SluiceError('ERR_SWEEP_SPACE', [path, (cause as Error).message], { cause })
  }
}
