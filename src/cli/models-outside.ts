import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { TrainReport } from '../app/index.ts'
import { loadConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { configOption, dataOption, existingFolder, jsonOption, nonEmpty } from './options.ts'
import { quoted } from './shell.ts'
import type { Terminal } from './terminal.ts'
import { gatesView } from './train.ts'

interface OutsideOptions {
  readonly data: string
  readonly json?: boolean
  readonly config?: string
  readonly manifest: string
}

/** Models that were trained elsewhere: what they are fed, and how they enter. */
export function outsideCommands(models: Command, context: Context): void {
  const { terminal, rooms } = context
  models
    .command('inputs')
    .description('Print the manifest of a model from outside: every feature column, to be cut to those it reads.')
    .addOption(configOption())
    .action(async (options: Pick<OutsideOptions, 'config'>) => {
      const { config } = await loadConfig(terminal.folder, options.config)
      terminal.out(JSON.stringify((await rooms.app()).externalInputs(config), null, 2))
    })
  models
    .command('add <name> <file>')
    .description('Take a ranking model from outside, an ONNX file, and make it live when it has a place and passes.')
    .requiredOption('--manifest <file>', 'JSON: features, input, outputs; see sluice models inputs', nonEmpty)
    .addOption(dataOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Its place is where the configuration names it: ranking.fine, ranking.coarse or ranking.degraded.

Example:
  $ sluice models inputs > boosted.json
  $ sluice models add boosted boosted.onnx --manifest boosted.json --data mine`,
    )
    .action(async (name: string, file: string, options: OutsideOptions) => {
      const at = (path: string) => resolve(terminal.folder, path)
      const data = existingFolder(terminal.folder, options.data)
      const { config } = await loadConfig(terminal.folder, options.config)
      const { addModel } = await rooms.app()
      const report = await addModel({ data, config, name, file: at(file), manifest: at(options.manifest) })
      terminal.out(options.json ? JSON.stringify(report) : addView(terminal, report, options.data))
      if (report.gates.some(({ pass }) => !pass)) context.exitCode = 1
    })
}

function addView(terminal: Terminal, report: TrainReport, data: string): string {
  const { model, version, gates, promoted } = report
  const { green, red } = terminal.colours
  const say = () => {
    if (promoted) return green('It is live.')
    if (gates.some(({ pass }) => !pass))
      return red('It is not live: a gate failed. What served before goes on serving.')
    return `It waits: name it in ranking.fine, then: sluice models promote ${model} ${version} --data ${quoted(data)}`
  }
  return [`${model} ${version} is registered`, gatesView(terminal, gates), say()].join('\n')
}
