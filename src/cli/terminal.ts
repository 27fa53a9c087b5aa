import { createColors } from 'picocolors'
import { fileError } from './out-file.ts'

/** What a command may touch of the process: handed in, so that commands can be tested without one. */
export interface Terminal {
  /** One line or more for the reader of results (standard output). */
  out(text: string): void
  /** Bulk output; waits while the reader is behind. @throws SluiceError ERR_FILE_WRITE */
  write(text: string): Promise<void>
  /** Everything that is not a result: progress, hints, errors (standard error). */
  err(text: string): void
  /** Writes a line on standard error that the next one replaces; only for a person. An empty text clears it. */
  status(text: string): void
  /** Asks the person at the terminal for a line; only when it is interactive. Undefined at the end of input. */
  ask(question: string): Promise<string | undefined>
  /** Is a person looking at standard error? Then there are bars. */
  readonly interactive: boolean
  /** Columns of the window. */
  readonly width: number
  readonly colours: ReturnType<typeof createColors>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Working directory. */
  readonly folder: string
  /** Calls back once when the process is asked to stop; a second request ends it at once. Gives the way to unsubscribe. */
  onStop(handler: () => void): () => void
}

const FORCED = 130 // 128 + SIGINT, as shells report it

const OUTPUT = 'standard output'
/** Exit code of a command whose output could not be written. */
const UNWRITTEN = 1

/**
 * The real one. A reader of standard output that goes away (`| head`) ends the process quietly. Output that cannot be written, as
 * to a file on a full disk, is told once and makes the exit code 1, and a server goes on; of standard error nobody can be told.
 */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process
  let bulk = 0 // pieces under way, whose writer has the error
  let unwritten = false
  stderr.on('error', leaveWhenUnread)
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    leaveWhenUnread(error)
    if (unwritten || bulk > 0) return
    unwritten = true
    stderr.write(`error: ${(fileError(OUTPUT, error) as Error).message} (ERR_FILE_WRITE)\n`)
    process.once('exit', () => {
      process.exitCode ||= UNWRITTEN
    })
  })
  // A line that is rewritten gives way to lines that stay.
  let rewritten = false
  const clear = () => {
    if (rewritten) stderr.write('\r\u001b[K')
    rewritten = false
  }
  const colour = env['NO_COLOR'] === undefined && env['TERM'] !== 'dumb' && stdout.isTTY === true
  return {
    out: (text) => {
      clear()
      stdout.write(text + '\n')
    },
    write: async (text) => {
      bulk++
      try {
        await new Promise<void>((done, fail) => stdout.write(text, (error) => (error ? fail(error) : done())))
      } catch (error) {
        throw fileError(OUTPUT, error)
      } finally {
        bulk--
      }
    },
    err: (text) => {
      clear()
      stderr.write(text + '\n')
    },
    status: (text) => {
      rewritten = text !== ''
      stderr.write(`\r${text}\u001b[K`)
    },
    ask,
    interactive: stderr.isTTY === true && env['CI'] === undefined,
    width: stdout.columns ?? 100,
    colours: createColors(colour),
    env,
    folder: process.cwd(),
    onStop: stopSignals,
  }
}

function leaveWhenUnread({ code }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') process.exit(0)
}

async function ask(question: string): Promise<string | undefined> {
  const { createInterface } = await import('node:readline')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await new Promise((done) => {
      lines.on('close', () => done(undefined))
      lines.question(question, done)
    })
  } finally {
    lines.close()
  }
}

/** Ctrl-C, a supervisor, a terminal that is closed. */
const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** One Ctrl-C may arrive twice: from the terminal, and from the npm that started this. */
const SAME_SIGNAL_MS = 400

function stopSignals(handler: () => void): () => void {
  let asked: number | undefined
  const listen = () => {
    if (asked === undefined) {
      asked = performance.now()
      handler()
    } else if (performance.now() - asked > SAME_SIGNAL_MS) {
      process.stderr.write('Stopped at once: what was under way is cut off\n')
      process.exit(FORCED)
    }
  }
  for (const signal of STOPS) process.on(signal, listen)
  return () => {
    for (const signal of STOPS) process.off(signal, listen)
  }
}
