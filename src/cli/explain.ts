import type { Command } from 'commander'
import type { Context } from './context.ts'
import { explanationView } from './explanation-view.ts'
import { gantt } from './gantt.ts'
import { withPlatform, type OpenOptions } from './open.ts'
import { configOption, dataOption, jsonOption, keyOption, nonEmpty, urlOption, wholeNumber } from './options.ts'

export function explainCommand(program: Command, context: Context): void {
  program
    .command('explain')
    .description('Say why a slate looks as it does: funnel, removals, and the parts of each score.')
    .argument('<slate>', 'id of the slate, as the slate shows it', nonEmpty)
    .option('--items <count>', 'items to take apart', wholeNumber(1, 200), 5)
    .option('--gantt', 'show only where the time went')
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Example:
  $ sluice explain "$(sluice slate home --user u1 --json | jq -r .slate)"`,
    )
    .action(async (slate: string, options: OpenOptions & { items: number; gantt?: boolean; json?: boolean }) => {
      const explanation = await withPlatform(context, options, (platform) => platform.explain(slate))
      const { terminal } = context
      if (options.json) terminal.out(JSON.stringify(explanation))
      else if (options.gantt) terminal.out(gantt(terminal, explanation.stages, explanation.sources))
      else terminal.out(explanationView(terminal, explanation, options.items))
    })
}
