import type { EngineStatus } from '../../app/index.ts'
import type { Config } from '../../domain/index.ts'
import type { Log } from '../../foundation/telemetry/index.ts'
import { Misuse } from '../failure.ts'
import { counted } from '../figures.ts'
import type { Terminal } from '../terminal.ts'
import { startVisitors, type VisitorsChild } from './child.ts'
import type { DriveReport } from './drive.ts'
import { VISITORS_RATE } from './options.ts'
import { visitorsLine } from './view.ts'

/** The visitors of a server that runs in this process. */
export interface Company {
  /** What is said of them to who started it. */
  readonly says: string
  start(terminal: Terminal, log: Log): void
  stop(): Promise<void>
}

interface Wish {
  readonly visitors?: number | false
  readonly json?: boolean
}

interface Place {
  readonly url: string
  readonly data: string
  readonly keys: Config['server']['apiKeys']
}

/** Time between two lines of a log that nobody watches. */
const LINE_EVERY_MS = 60_000

/**
 * Who visits: users of the simulated platform in the folder, at the wished rate. Nobody comes unasked where a program
 * started it (--json) or where the data is not a simulation's.
 * @throws Misuse when they were asked for and there is no simulated platform
 */
export function companyFor(
  { visitors, json }: Wish,
  world: EngineStatus['world'],
  { url, data, keys }: Place,
): Company | undefined {
  if (visitors === false || (visitors === undefined && (json || !world))) return undefined
  if (!world) {
    throw new Misuse(
      `Nobody can visit ${data}: it was not filled with a simulated platform. Leave --visitors out; sluice load sends traffic of another kind`,
    )
  }
  const rate = visitors ?? VISITORS_RATE
  const key = keys.find(({ rights }) => (['read', 'write', 'admin'] as const).every((right) => rights.includes(right)))
  if (keys.length > 0 && !key) {
    if (visitors !== undefined)
      throw new Misuse('--visitors needs an API key that has the rights read, write and admin')
    return undefined
  }
  let child: VisitorsChild | undefined
  let farewell: () => void = () => undefined
  return {
    says: `${counted(world.users, 'simulated user')} visit it now and then: ${counted(rate, 'slate')} a second, and what they do with them (--no-visitors: nobody)`,
    start(terminal, log) {
      let toldAt = performance.now()
      child = startVisitors({
        url,
        key: key?.key,
        rate,
        onReport: (report: DriveReport) => {
          if (json) return
          const line = visitorsLine(report)
          farewell = () => terminal.err(line)
          if (terminal.interactive) terminal.status(line)
          else if (performance.now() - toldAt >= LINE_EVERY_MS) {
            toldAt = performance.now()
            terminal.err(line)
          }
        },
        onGone: (said) => log.warn({ said }, 'the visitors left'),
      })
    },
    async stop() {
      await child?.stop()
      farewell()
    },
  }
}
