import Type from 'typebox'

/** Schemas of the small values that several records share. */

export const Id = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: '^[^\\u0000-\\u001f]+$',
  description: 'An id of your own: 1 to 128 characters, no control characters.',
})

export const Time = Type.Union([Type.Number({ minimum: 0 }), Type.String({ minLength: 10, maxLength: 40 })], {
  description: 'A moment: milliseconds since 1970, or ISO 8601 text such as 2026-01-31T12:00:00Z.',
})

export const Word = Type.String({ minLength: 1, maxLength: 64 })

export const Country = Type.String({
  pattern: '^[A-Za-z]{2}$',
  description: 'A country in two letters (ISO 3166-1), such as NO.',
})

/** What a key of a table of your own may be. What is copied by assignment would lose `__proto__`. */
export const NAME = '^(?!__proto__$)[\\s\\S]{1,64}$'
export const NO_NAME = 'is no name: one has 1 to 64 characters and is not __proto__'

export const Attributes = Type.Record(
  Type.String({ pattern: NAME }),
  Type.Union([Type.String({ maxLength: 256 }), Type.Number(), Type.Boolean()]),
  {
    additionalProperties: false,
    maxProperties: 32,
    description: 'Your own facts, for filters at request time: text, number or yes/no.',
  },
)

/** The last moment that a date can name, in milliseconds. */
const LAST_MOMENT = 8.64e15

/** Milliseconds of a Time, or NaN when the text is no date or the number is beyond every date. */
export function timeOf(value: number | string): number {
  if (typeof value === 'string') return Date.parse(value)
  return Math.abs(value) <= LAST_MOMENT ? value : Number.NaN
}
