import { Argument, type Command } from 'commander'
import { resolve } from 'node:path'
import type { ImportReport, Progress } from '../app/index.ts'
import { inFile, loadConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { DONE, FAILED, Misuse } from './failure.ts'
import { importKinds } from './import-kinds.ts'
import { reportView } from './import-view.ts'
import { refuseUsedFolder } from './open.ts'
import { amountOf, configOption, dataOption, jsonOption, nonEmpty } from './options.ts'
import { progressView } from './progress.ts'
import type { ImportSteps } from './rooms.ts'

type ImportStep = ImportSteps extends AsyncIterable<infer Step> ? Step : never

interface ImportOptions {
  readonly data: string
  readonly config?: string
  readonly column?: Readonly<Record<string, string>>
  readonly ratingMax?: number
  readonly json?: boolean
}

/** Exit code of a run that was interrupted, as shells report it. */
const INTERRUPTED = 130

export function importCommand(program: Command, context: Context): void {
  program
    .command('import')
    .description('Take in a data set: items, users and events of any age. Every row is accounted for.')
    .addArgument(new Argument('<kind>', 'form of the data').choices(Object.keys(importKinds)))
    .argument('<path>', 'file or folder', nonEmpty)
    .option('--column <name=theirs...>', 'our name for one of their columns, like user=customer_id', columns)
    .option('--rating-max <value>', 'their best rating, for five of our stars; csv and parquet', amountOf(0.5, 1e6))
    .addOption(dataOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Kinds:
${Object.entries(importKinds)
  .map(([kind, say]) => `  ${kind.padEnd(12)} ${say}`)
  .join('\n')}

Examples:
  $ sluice import movielens ml-latest-small
  $ sluice import csv clicks.csv --column user=visitor_id item=sku at=time
  $ sluice import csv ratings.csv --rating-max 10
  $ sluice import items catalogue.csv --column id=sku title=label
  $ sluice import jsonl platform.jsonl --data /var/lib/sluice --json`,
    )
    .action(async (kind: keyof typeof importKinds, path: string, options: ImportOptions) => {
      const { terminal, rooms } = context
      if (options.ratingMax !== undefined && kind !== 'csv' && kind !== 'parquet')
        throw new Misuse(`--rating-max is for csv and parquet: ${kind} says itself what its ratings are`)
      const data = await refuseUsedFolder(context, options.data)
      const { config, file } = await loadConfig(terminal.folder, options.config)
      const importer = (await rooms.connect()).importers[kind]
      const view = progressView(terminal)
      // A source that is put in order of time is read whole, before the folder is opened; then its rows are counted.
      let phase = 'read'
      let whole = false
      const steps = importer.read(resolve(terminal.folder, path), {
        ...(options.column ? { columns: options.column } : {}),
        ...(options.ratingMax === undefined ? {} : { ratingMax: options.ratingMax }),
        onProgress: (done, total) => {
          whole = done >= total
          view.show({ phase, done, total, unit: 'bytes' })
        },
      })
      // The path is looked at before the folder is made: a typing error leaves nothing behind.
      const iterator = steps[Symbol.asyncIterator]()
      const first = await iterator.next()
      const { createEngine } = await rooms.app()
      const engine = inFile(file, () => createEngine({ data, config, serves: false }))
      let interrupted = false
      const release = terminal.onStop(() => {
        interrupted = true
        terminal.err('Stopping after the current batch; once more to stop at once')
      })
      try {
        await engine.open(view.show)
        view.end()
        phase = 'import'
        const tell = (progress: Progress) => whole && view.show(progress)
        const report = await engine.import(
          until(first, iterator, () => interrupted),
          tell,
        )
        view.end()
        terminal.out(options.json ? JSON.stringify(report) : reportView(terminal, report, data))
        context.exitCode = interrupted ? INTERRUPTED : exitCodeOf(report)
      } finally {
        release()
        view.end()
        await engine.close()
      }
    })
}

/** Rows that were all there before (duplicates) are a success; rows that were all turned away are not. */
function exitCodeOf(report: ImportReport): number {
  return report.rows > 0 && report.accepted === 0 && report.duplicate === 0 ? FAILED : DONE
}

async function* until(
  first: IteratorResult<ImportStep>,
  rest: AsyncIterator<ImportStep>,
  stopped: () => boolean,
): AsyncGenerator<ImportStep> {
  try {
    for (let step = first; !step.done && !stopped(); step = await rest.next()) yield step.value
  } finally {
    await rest.return?.()
  }
}

function columns(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const cut = text.indexOf('=')
  if (cut <= 0 || cut === text.length - 1) {
    throw new Misuse(`Cannot use --column ${text}: write it as name=theirs, like user=customer_id`)
  }
  return { ...before, [text.slice(0, cut)]: text.slice(cut + 1) }
}
