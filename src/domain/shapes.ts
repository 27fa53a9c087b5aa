import Type from 'typebox'

/** Schemas of the small values that several records share. */

export const Id = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: '^[^\\u0000-\\u001f]+$',
  description: 'An id of your own: 1 to 128 characters, no control characters.',
})

export const Time = Type.Union([Type.Number({ minimum: 0 }), Type.String({ minLength: 10, maxLength: 40 })], {
  description: 'A moment: milliseconds since 1970, or ISO 8601 text.',
})

export const Word = Type.String({ minLength: 1, maxLength: 64 })

export const Country = Type.String({ pattern: '^[A-Za-z]{2}$', description: 'ISO 3166-1 alpha-2.' })

export const Attributes = Type.Record(
  Type.String({ minLength: 1, maxLength: 64 }),
  Type.Union([Type.String({ maxLength: 256 }), Type.Number(), Type.Boolean()]),
  { maxProperties: 32, description: 'Your own facts, for filters at request time: text, number or yes/no.' },
)

/** Milliseconds of a Time, or NaN when the text is no date. */
export function timeOf(value: number | string): number {
  return typeof value === 'number' ? value : Date.parse(value)
}
