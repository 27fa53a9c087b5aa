import { createHash, randomBytes } from 'node:crypto'
import { type DestinationStream, destination, pino } from 'pino'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** A line is a sentence and fields. Fields named `user` are hashed, keys are cut out, records are cut to their ids. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

const secrets = ['authorization', 'x-api-key', 'apiKey', 'apiKeys', 'key', 'cookie', 'password', 'token']

/** Bytes of lines that wait while they cannot be written; what is more is dropped, and counted. */
const HELD_BYTES_MAX = 1_048_576

/**
 * Where log lines go: a file descriptor. Nothing stops or fails for want of a line: while the disk is full, or the terminal gone,
 * lines wait, and further ones are dropped; how many, says a line once there is room.
 */
export function logLines(fd: number): DestinationStream {
  const lines = destination({ fd, sync: true, maxLength: HELD_BYTES_MAX })
  let dropped = 0
  lines.on('error', () => undefined) // there is nowhere left to say it
  lines.on('drop', () => {
    dropped++
  })
  lines.on('drain', () => {
    if (dropped === 0) return
    const time = new Date().toISOString()
    lines.write(`${JSON.stringify({ level: 'warn', time, dropped, msg: 'log lines were lost: there was no room' })}\n`)
    dropped = 0
  })
  return lines
}

/**
 * JSON lines on standard error. A user id is replaced by a hash that holds for the life of the process: lines about
 * one user can be put side by side, and say nothing about who it is.
 * @param to where lines go; standard error by default
 */
export function createLog(level: LogLevel, to: DestinationStream = logLines(2)): Log {
  const salt = randomBytes(16)
  const hashed = (id: unknown) => `u-${createHash('sha256').update(salt).update(String(id)).digest('hex').slice(0, 12)}`
  const idOf = (value: unknown) =>
    typeof value === 'object' && value !== null ? (value as { id?: unknown }).id : value
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: secrets.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
        censor: '[hidden]',
      },
      serializers: {
        user: (user) => hashed(idOf(user)),
        viewer: (viewer) => hashed(idOf(viewer)),
        session: (session) => hashed(idOf(session)),
        event: (event) => ({ id: idOf(event), kind: (event as { kind?: unknown }).kind }),
        item: idOf,
        body: () => '[hidden]',
        error: pino.stdSerializers.err,
      },
    },
    to,
  )
}
