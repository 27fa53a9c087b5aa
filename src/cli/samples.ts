import { resolve } from 'node:path'
import type { Command } from 'commander'
import { loadConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { count } from './figures.ts'
import { configOption, dataOption, existingFolder, jsonOption, nonEmpty } from './options.ts'
import { progressView } from './progress.ts'
import { type Report, reportView } from './samples-view.ts'

interface SamplesCommandOptions {
  readonly data: string
  readonly from?: string
  readonly config?: string
  readonly json?: boolean
}

/** `sluice samples export|import|validate`: what ranking models are trained on. */
export function samplesCommand(program: Command, context: Context): void {
  const samples = program
    .command('samples')
    .description('The training samples of a data folder: slates, features as of then, and what came of them.')
  const { terminal, rooms } = context
  const command = (words: string, say: string) =>
    samples.command(words).description(say).addOption(dataOption()).addOption(configOption()).addOption(jsonOption())

  async function on<T>(options: SamplesCommandOptions, work: (asked: Asked, app: App) => Promise<T>): Promise<T> {
    const data = existingFolder(terminal.folder, options.data)
    const { config } = await loadConfig(terminal.folder, options.config)
    const view = progressView(terminal)
    const from = options.from === undefined ? {} : { from: resolve(terminal.folder, options.from) }
    try {
      return await work({ data, config, ...from, onProgress: view.show }, await rooms.app())
    } finally {
      view.end()
    }
  }
  const told = (options: SamplesCommandOptions, report: Report): void => {
    terminal.out(options.json ? JSON.stringify(report) : reportView(terminal, report))
    if (!report.pass) context.exitCode = 1
  }

  command('export <out>', 'Write them: a file when it ends in .samples, else a folder of Parquet files.').action(
    async (out: string, options: SamplesCommandOptions) => {
      const written = await on(options, (asked, app) => app.exportSamples(asked, resolve(terminal.folder, out)))
      const { requests, impressions } = written
      const say = `${count(impressions)} impressions of ${count(requests)} requests are in ${written.out}`
      terminal.out(options.json ? JSON.stringify(written) : say)
    },
  )
  command(
    'import <folder> <out>',
    'Check a folder of Parquet files and write it as a file for train --samples.',
  ).action(async (folder: string, out: string, options: SamplesCommandOptions) => {
    const asked = { ...options, from: folder }
    told(options, await on(asked, (one, app) => app.importSamples(one, resolve(terminal.folder, out))))
  })
  command('validate', 'Hold them against what training needs: gaps, ranges, rates, leakage.')
    .option('--from <path>', 'a file or Parquet folder, instead of what the journal gives', nonEmpty)
    .action(async (options: SamplesCommandOptions) => {
      told(options, await on(options, (asked, app) => app.checkSamples(asked)))
    })
}

type App = Awaited<ReturnType<Context['rooms']['app']>>
type Asked = Parameters<App['checkSamples']>[0]
