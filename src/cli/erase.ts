import type { Command } from 'commander'
import type { Context } from './context.ts'
import { Misuse } from './failure.ts'
import { counted } from './figures.ts'
import { withPlatform, type OpenOptions } from './open.ts'
import { configOption, dataOption, jsonOption, keyOption, nonEmpty, urlOption } from './options.ts'

export function eraseCommand(program: Command, context: Context): void {
  program
    .command('erase')
    .description('Remove everything that is kept about a user, from every store. There is no way back.')
    .argument('<user>', 'id of the user', nonEmpty)
    .option('--yes', 'yes, erase')
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Example:
  $ sluice erase u1 --yes`,
    )
    .action(async (user: string, options: OpenOptions & { yes?: boolean; json?: boolean }) => {
      if (!options.yes) {
        throw new Misuse(`Nothing was erased: add --yes to erase everything about user "${user}" for good`)
      }
      const report = await withPlatform(context, options, (platform) => platform.eraseUser(user))
      if (options.json) return context.terminal.out(JSON.stringify(report))
      const { profile, journal, served, slates } = report.erased
      const parts = [
        profile ? 'the profile' : 'no profile',
        counted(journal, 'log entry').replace(/entrys$/, 'entries'),
        counted(served, 'served record'),
        counted(slates, 'slate'),
      ]
      context.terminal.out(`Erased user "${user}": ${parts.join(', ')}.`)
    })
}
