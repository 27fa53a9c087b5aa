import type { Command } from 'commander'
import type { Event } from '../domain/index.ts'
import type { Context } from './context.ts'
import { moment } from './figures.ts'
import { openPlatform, type OpenOptions } from './open.ts'
import { configOption, dataOption, jsonOption, keyOption, urlOption, wholeNumber } from './options.ts'
import type { Terminal } from './terminal.ts'

interface TailOptions extends OpenOptions {
  readonly last: number
  readonly follow?: boolean
  readonly json?: boolean
}

export function eventsCommand(program: Command, context: Context): void {
  program
    .command('events')
    .description('Look at the events of a platform.')
    .command('tail')
    .description('Print the latest events, oldest first.')
    .option('--last <count>', 'how many of the latest', wholeNumber(0, 100_000), 20)
    .option('-f, --follow', 'then go on with new ones until interrupted (a running server only)')
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(configOption())
    .addOption(jsonOption('one event as JSON per line'))
    .addHelpText(
      'after',
      `
Examples:
  $ sluice events tail --last 5
  $ sluice events tail --follow --json | jq .kind`,
    )
    .action(async (options: TailOptions) => {
      const { terminal } = context
      const platform = await openPlatform(context, options)
      const stop = new AbortController()
      const release = terminal.onStop(() => stop.abort())
      try {
        for await (const event of platform.tail(options.last, options.follow === true, stop.signal)) {
          await terminal.write((options.json ? JSON.stringify(event) : eventLine(terminal, event)) + '\n')
        }
      } finally {
        release()
        await platform.close()
      }
    })
}

/** One event on one line: when, what, who, about what. */
export function eventLine(terminal: Terminal, event: Event): string {
  const { dim, cyan } = terminal.colours
  const about = event.item ?? event.creator ?? (event.query === undefined ? '' : `"${event.query}"`)
  const details = [
    event.value === undefined ? '' : `value ${event.value}`,
    event.completion === undefined ? '' : `completion ${event.completion}`,
    event.surface ? `${event.surface}${event.position === undefined ? '' : `[${event.position}]`}` : '',
  ].filter(Boolean)
  const who = event.user ?? event.session ?? 'nobody known'
  return `${dim(moment(event.at))}  ${cyan(event.kind.padEnd(14))} ${who.padEnd(14)} ${about}  ${dim(details.join(' '))}`.trimEnd()
}
