import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import Value from 'typebox/value'
import { parserOf } from '../domain/index.ts'
import { RequestError } from './errors.ts'

const places: Readonly<Record<string, string>> = { querystring: 'query', params: 'path' }

/** Checks parts of a request with the domain's own parser. Text of queries and paths becomes numbers where asked for. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const parse = parserOf(schema)
  const place = places[httpPart ?? '']
  return (given: unknown) => {
    const parsed = checked(parse, place === undefined ? given : Value.Convert(schema, given))
    if (parsed.ok) return { value: parsed.value }
    return { error: new RequestError(`${place ?? ''}${parsed.where}`, parsed.why) }
  }
}

/** A value nested a thousand deep exhausts the stack of any checker that recurses: that is a fault of the value. */
function checked(parse: ReturnType<typeof parserOf>, value: unknown): ReturnType<typeof parse> {
  try {
    return parse(value)
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, where: '/', why: 'is nested too deeply' }
    throw error
  }
}
