import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FastifyReply } from 'fastify'
import type { Log } from '../foundation/telemetry/index.ts'
import { limits } from './limits.ts'
import { LINES_TYPE } from './route.ts'

/** A signal that aborts when the client is gone or the given one aborts. */
export function whileOpen(reply: FastifyReply, stopping: AbortSignal): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return AbortSignal.any([gone.signal, stopping])
}

/** Lines of JSON gathered into chunks worth writing. */
export function* inChunks(values: Iterable<unknown>, bytes: number = limits.chunkBytes): Generator<string> {
  let chunk = ''
  for (const value of values) {
    chunk += `${JSON.stringify(value)}\n`
    if (chunk.length < bytes) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}

async function* eachLine(values: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`
}

/**
 * Answers with JSON lines as fast as the client reads, and no faster: the source is not asked while the socket is
 * full. The first chunk of a list is made before the answer begins, so that an error there is still an answer; later
 * ones break the connection off, so that the client cannot take a part for the whole.
 */
export async function sendLines(
  reply: FastifyReply,
  values: Iterable<unknown> | AsyncIterable<unknown>,
  log: Log,
): Promise<void> {
  const chunks = Symbol.asyncIterator in values ? eachLine(values) : startedAt(inChunks(values))
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'content-type': LINES_TYPE })
  raw.flushHeaders()
  try {
    await pipeline(Readable.from(chunks, { highWaterMark: 2 }), raw)
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_STREAM_PREMATURE_CLOSE') return // the client has left
    log.error({ request: reply.request.id, error }, 'A stream broke off')
    raw.destroy()
  }
}

function startedAt(chunks: Generator<string>): Iterable<string> {
  const first = chunks.next()
  return (function* () {
    if (first.done) return
    yield first.value
    yield* chunks
  })()
}
