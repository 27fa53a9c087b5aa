import type { Command } from 'commander'
import { requireSafeHost } from '../domain/index.ts'
import { inFile, loadConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { configOption, jsonOption, nonEmpty } from './options.ts'

export function configCommand(program: Command, context: Context): void {
  program
    .command('config')
    .description('Print the configuration that takes effect here, every option with its value.')
    .option('--check [file]', 'only say whether the configuration is right, and where it is not', nonEmpty)
    .addOption(configOption())
    .addOption(jsonOption('one line of JSON'))
    .addHelpText(
      'after',
      `
Examples:
  $ sluice config
  $ sluice config --check
  $ sluice config --check sluice.config.ts

The file sluice.config.example.ts explains every option.`,
    )
    .action(async (options: { check?: string | true; config?: string; json?: boolean }) => {
      const { terminal, rooms } = context
      const named = typeof options.check === 'string' ? options.check : options.config
      const { config, file } = await loadConfig(terminal.folder, named)
      if (options.check !== undefined) {
        const { requireRankers, requireSettings, strangeModels } = await rooms.app()
        const { coarse, fine, degraded } = config.ranking
        inFile(file, () => {
          requireSettings(config)
          requireRankers(config, [coarse, fine, degraded]) // a file says of no folder: each may have been added there
        })
        requireSafeHost(config.server)
        const notes = strangeModels(config)
        if (options.json) return terminal.out(JSON.stringify({ ok: true, file, notes }))
        for (const note of notes) terminal.err(`Note: ${note}`)
        const what = file ?? 'There is no configuration file here. The defaults hold, and that'
        return terminal.out(`${what} is right${notes.length > 0 ? ', but for what is noted' : ''}.`)
      }
      const shown = { ...config, server: { ...config.server, apiKeys: config.server.apiKeys.map(withoutSecret) } }
      if (options.json) return terminal.out(JSON.stringify(shown))
      terminal.err(terminal.colours.dim(`// ${file ?? 'no configuration file here: the defaults'}`))
      terminal.out(JSON.stringify(shown, undefined, 2))
    })
}

/** Secrets are not printed. */
function withoutSecret<T extends { readonly key: string }>(entry: T): T {
  return { ...entry, key: '***' }
}
