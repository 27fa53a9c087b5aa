import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { systemClock } from '../foundation/base/index.ts'
import { parseSamples } from '../foundation/telemetry/index.ts'
import type { Context } from './context.ts'
import { amountOf, dataOption, jsonOption, keyOption, urlOption } from './options.ts'
import { serverOf } from './server-of.ts'
import { frameOf } from './top/frame.ts'
import { topView } from './top/view.ts'

interface TopOptions {
  readonly data: string
  readonly url?: string
  readonly key?: string
  readonly interval: number
  readonly once?: boolean
  readonly json?: boolean
}

/** Cursor to the top left, and everything below it cleared. */
const CLEAR = '\u001b[H\u001b[J'

export function topCommand(program: Command, context: Context): void {
  program
    .command('top')
    .description(
      'Watch a running server: rates, latency by layer against its budget, rungs, sources, freshness, models.',
    )
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(keyOption())
    .option('--interval <seconds>', 'time between two looks', amountOf(0.1, 3600), 2)
    .option('--once', 'look once, print it and end')
    .addOption(jsonOption('one line of JSON per look'))
    .addHelpText(
      'after',
      `
Everything is of the time between two looks, not since the start. Ctrl-C ends it.

Examples:
  $ sluice top
  $ sluice top --once --json --interval 10`,
    )
    .action(async (options: TopOptions) => {
      const { terminal } = context
      const server = serverOf(context, options)
      const stop = new AbortController()
      const release = terminal.onStop(() => stop.abort())
      const redraw = terminal.interactive && !options.once && !options.json
      try {
        let before = parseSamples(await server.metrics())
        while (!stop.signal.aborted) {
          if (!(await waited(options.interval * 1000, stop.signal))) break
          const [text, status] = await Promise.all([server.metrics(), server.status()])
          const now = parseSamples(text)
          const frame = frameOf({
            at: systemClock.now(),
            seconds: options.interval,
            where: server.where,
            status,
            now,
            before,
          })
          terminal.out(options.json ? JSON.stringify(frame) : (redraw ? CLEAR : '') + topView(terminal, frame))
          if (options.once) break
          before = now
        }
      } finally {
        release()
      }
    })
}

/** False when it was told to stop meanwhile. */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal })
    return true
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error
    return false
  }
}
