import type { Command } from 'commander'
import type { Context } from './context.ts'
import { diffCommand } from './models-diff.ts'
import { shadowCommand } from './models-shadow.ts'
import { showCommand } from './models-show.ts'
import { outsideCommands } from './models-outside.ts'
import { dataOption, existingFolder, jsonOption, nonEmpty } from './options.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

interface ModelsOptions {
  readonly data: string
  readonly json?: boolean
}

/** `sluice models list|show|diff|promote|rollback|shadow|inputs|add`: the registry of a data folder. */
export function modelsCommand(program: Command, context: Context): void {
  const models = program
    .command('models')
    .description('The trained models of a data folder: versions, gates, which one is live.')
  const { terminal } = context
  const registryOf = async ({ data }: ModelsOptions) =>
    (await context.rooms.app()).openRegistry(existingFolder(terminal.folder, data))
  const tell = (options: ModelsOptions, value: unknown, text: string) =>
    terminal.out(options.json ? JSON.stringify(value) : text)
  const command = (words: string, say: string) =>
    models.command(words).description(say).addOption(dataOption()).addOption(jsonOption())

  command('list', 'List every version and where it stands.').action(async (options: ModelsOptions) => {
    const listed = (await registryOf(options)).list()
    tell(options, listed, listView(terminal, listed))
  })
  showCommand(models, context)
  diffCommand(models, context)
  command('promote <model> <version>', 'Make a version live. Its gates must have passed.').action(
    async (model: string, version: string, options: ModelsOptions) => {
      const manifest = await (await registryOf(options)).promote(model, version)
      tell(options, { model, live: manifest.version }, `${model} ${manifest.version} is live`)
    },
  )
  command('rollback <model>', 'Go back to the version that was live before.')
    .option('--why <text>', 'kept in the log of the model', nonEmpty, 'asked for')
    .action(async (model: string, options: ModelsOptions & { why: string }) => {
      const went = await (await registryOf(options)).rollback(model, options.why)
      tell(options, { model, ...went }, `${model} went back from ${went.from} to ${went.to}`)
    })
  shadowCommand(models, context)
  outsideCommands(models, context)
}

type Listed = ReturnType<Awaited<ReturnType<Awaited<ReturnType<Context['rooms']['app']>>['openRegistry']>>['list']>

function listView(terminal: Terminal, listed: Listed): string {
  if (listed.length === 0) return 'No model was trained here yet: sluice train sequence'
  const columns = [
    { head: 'model' },
    { head: 'version' },
    { head: 'state' },
    { head: 'made' },
    { head: 'metrics' },
    { head: 'gates' },
  ]
  const rows = listed.map(({ name, version, state, manifest, broken }) => {
    if (!manifest) return [name, version, state, '', broken ?? '', '']
    const failed = manifest.gates.filter(({ pass }) => !pass).map(({ gate }) => gate)
    const metrics = Object.entries(manifest.metrics)
      .filter(([metric]) => !/\.(low|high)$/.test(metric))
      .map(([metric, value]) => `${metric} ${value.toFixed(4)}`)
    const made = new Date(manifest.createdAt).toISOString().slice(0, 16).replace('T', ' ')
    return [
      name,
      version,
      state,
      made,
      metrics.slice(0, 2).join(' '),
      failed.length === 0 ? 'passed' : `failed: ${failed.join(', ')}`,
    ]
  })
  return table(terminal, columns, rows)
}
