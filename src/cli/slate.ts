import type { Command } from 'commander'
import { parseSlateRequest } from '../domain/index.ts'
import { SluiceError } from '../foundation/base/index.ts'
import type { Context } from './context.ts'
import { gantt } from './gantt.ts'
import { withPlatform, type OpenOptions } from './open.ts'
import {
  configOption,
  dataOption,
  jsonObject,
  jsonOption,
  keyOption,
  nonEmpty,
  urlOption,
  wholeNumber,
} from './options.ts'
import { slateView } from './slate-view.ts'

interface SlateOptions extends OpenOptions {
  readonly user?: string
  readonly session?: string
  readonly item?: string
  readonly query?: string
  readonly limit?: number
  readonly filter?: object
  readonly exclude?: readonly string[]
  readonly country?: string
  readonly language?: string
  readonly device?: string
  readonly age?: number
  readonly seed?: string
  readonly cursor?: string
  readonly gantt?: boolean
  readonly json?: boolean
}

export function slateCommand(program: Command, context: Context): void {
  program
    .command('slate')
    .description('Make one slate and show where each item came from and why.')
    .argument('<surface>', 'where it will be shown: home, next, search, continue or one of your own', nonEmpty)
    .option('--user <id>', 'viewer; without one the slate is not personal', nonEmpty)
    .option('--session <id>', 'session of a visitor without an account', nonEmpty)
    .option('--item <id>', 'item that the slate follows (surface "next")', nonEmpty)
    .option('--query <text>', 'what is searched for (surface "search")', nonEmpty)
    .option('--limit <count>', 'items wanted', wholeNumber(1, 200))
    .option('--filter <rule>', 'condition on items, as JSON', jsonObject)
    .option('--exclude <id...>', 'items that must not be on it')
    .option('--country <code>', 'country of the viewer, two letters', nonEmpty)
    .option('--language <code>', 'language of the viewer', nonEmpty)
    .option('--device <name>', 'device of the viewer', nonEmpty)
    .option('--age <years>', 'age of the viewer', wholeNumber(0, 130))
    .option('--seed <text>', 'fixes exploration, so that the same question gives the same slate', nonEmpty)
    .option('--gantt', 'show where the time went, too')
    .option('--cursor <cursor>', 'continue after the page that gave this cursor', nonEmpty)
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ sluice slate home --user u1
  $ sluice slate next --item i7 --user u1 --limit 5
  $ sluice slate search --query "jazz piano" --filter '{"field":"duration","max":600}'`,
    )
    .action(async (surface: string, options: SlateOptions) => {
      const parsed = parseSlateRequest(requestOf(surface, options))
      if (!parsed.ok) throw new SluiceError('ERR_BODY_INVALID', [parsed.where, parsed.why])
      const { terminal } = context
      const slate = await withPlatform(context, options, (platform) => platform.slate(parsed.value))
      if (options.json) return terminal.out(JSON.stringify(slate))
      terminal.out(slateView(terminal, slate))
      if (options.gantt) terminal.out(gantt(terminal, slate.stages))
      if (slate.cursor) terminal.err(terminal.colours.dim('There is more: --json shows the cursor for --cursor'))
    })
}

function requestOf(surface: string, options: SlateOptions): Record<string, unknown> {
  const { user, session, item, query, limit, filter, exclude, cursor, seed } = options
  const { country, language, device, age } = options
  const viewer = definedOnly({ country, language, device, age })
  const context = Object.keys(viewer).length > 0 ? viewer : undefined
  return definedOnly({ surface, user, session, item, query, limit, filter, exclude, cursor, seed, context })
}

/** Without the properties that were not said. */
function definedOnly(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
