import { CommanderError } from 'commander'
import { SluiceError } from '../foundation/base/index.ts'
import { ClientError } from '../client/index.ts'
import type { Terminal } from './terminal.ts'

/** Exit codes: done; tried and failed; asked in a way that makes no sense. */
export const DONE = 0
export const FAILED = 1
export const MISUSED = 2

/** A command line that cannot be meant. Exit code 2. */
export class Misuse extends Error {
  override readonly name = 'Misuse'
}

/** Says what went wrong on standard error, in one line (or one line of JSON), and gives the exit code. */
export function reportFailure(terminal: Terminal, error: unknown, json: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return DONE // --help, --version
  const { code, message, exit } = described(error)
  if (json) {
    terminal.err(JSON.stringify({ error: { code, message } }))
    return exit
  }
  const red = terminal.colours.red
  if (code === 'ERR_USAGE') terminal.err(`${red('error:')} ${message}`)
  else if (code === 'ERR_UNEXPECTED') {
    terminal.err(`${red('error:')} ${message} (${code}: a defect; SLUICE_DEBUG=1 shows where)`)
    if (terminal.env['SLUICE_DEBUG'] && error instanceof Error) terminal.err(error.stack ?? '')
  } else terminal.err(`${red('error:')} ${message} (${code})`)
  return exit
}

function described(error: unknown): { code: string; message: string; exit: number } {
  if (error instanceof CommanderError) {
    const said = error.message.replace(/^error: /, '').replace(/\n\(/, ' (')
    // The help has been shown, and this is all that Commander says.
    const message = error.code === 'commander.help' ? 'Name one of the commands above' : said
    return { code: 'ERR_USAGE', message, exit: MISUSED }
  }
  if (error instanceof Misuse) return { code: 'ERR_USAGE', message: error.message, exit: MISUSED }
  if (error instanceof SluiceError || error instanceof ClientError) {
    return { code: error.code, message: error.message, exit: FAILED }
  }
  return { code: 'ERR_UNEXPECTED', message: error instanceof Error ? error.message : String(error), exit: FAILED }
}
