import { isUtf8 } from 'node:buffer'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { RequestError } from './errors.ts'

/** Reads JSON text from its bytes. Those that are no UTF-8 are refused: all would be the one sign U+FFFD, and two ids one. Property names that reach into prototypes are refused. */
export type ParseJson = (bytes: Buffer, where?: string) => unknown

/**
 * Fastify's own parser (which refuses `__proto__` and `constructor.prototype`) as a function that says what is wrong
 * and where.
 * @throws RequestError
 */
export function jsonParserOf(app: FastifyInstance): ParseJson {
  const parse = app.getDefaultJsonParser('error', 'error')
  return (bytes, where = 'body') => {
    if (!isUtf8(bytes)) throw new RequestError(where, 'is not UTF-8')
    const text = bytes.toString('utf8')
    if (text.trim() === '') throw new RequestError(where, 'is empty')
    let failed = true
    let value: unknown
    // It calls back before it returns; the request is not looked at.
    parse({} as FastifyRequest, text, (error: Error | null, body?: unknown) => {
      failed = error !== null
      value = body
    })
    if (failed) throw new RequestError(where, `is not JSON: ${whyNot(text)}`)
    return value
  }
}

function whyNot(text: string): string {
  try {
    JSON.parse(text)
  } catch (error) {
    return (error as Error).message.slice(0, 200)
  }
  return 'it has a property named __proto__, or constructor with a prototype'
}
