import type { Command } from 'commander'
import { parseSlateRequest } from '../domain/index.ts'
import { SluiceError } from '../foundation/base/index.ts'
import { ClientError } from '../client/index.ts'
import type { Context } from './context.ts'
import { gantt } from './gantt.ts'
import { withPlatform, type OpenOptions } from './open.ts'
import {
  configOption,
  DATA_FOLDER,
  dataOption,
  jsonObject,
  jsonOption,
  keyOption,
  nonEmpty,
  urlOption,
  wholeNumber,
} from './options.ts'
import { quoted } from './shell.ts'
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
      const slate = await withPlatform(context, options, (platform) => platform.slate(parsed.value)).catch((error) => {
        throw asTyped(error)
      })
      if (options.json) return terminal.out(JSON.stringify(slate))
      terminal.out(slateView(terminal, slate))
      if (options.gantt) terminal.out(gantt(terminal, slate.stages))
      // The command is long, and only a person at the terminal goes on by it.
      if (slate.cursor && terminal.interactive)
        terminal.err(terminal.colours.dim(`The next ones: ${nextPage(surface, options, slate.cursor)}`))
    })
}

/** The command that goes on where a slate ended. A key is not printed. */
function nextPage(surface: string, options: SlateOptions, cursor: string): string {
  const { json: _, gantt: __, key: ___, exclude = [], filter, ...rest } = options
  const said: readonly (readonly [string, string])[] = [
    ...Object.entries({ ...rest, cursor }).map(([name, value]) => [name, String(value)] as const),
    ...exclude.map((id) => ['exclude', id] as const),
    ...(filter === undefined ? [] : [['filter', JSON.stringify(filter)] as const]),
  ]
  const words = said.filter(([name, value]) => !(name === 'data' && value === DATA_FOLDER))
  return ['npx sluice slate', quoted(surface), ...words.map(([name, value]) => `--${name} ${quoted(value)}`)].join(' ')
}

/** What a surface needs, named as it is typed here and not as the API spells it. */
function asTyped(error: unknown): unknown {
  if (!(error instanceof SluiceError || error instanceof ClientError)) return error
  if (!['ERR_ITEM_REQUIRED', 'ERR_QUERY_REQUIRED'].includes(error.code)) return error
  return new ClientError(error.code, error.message.replace(/without "(\w+)"/, 'without --$1'))
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
