import Type, { type Static } from 'typebox'
import { parserOf } from './parse.ts'
import { Attributes, Country, Id, Word } from './shapes.ts'

/** A known account or a stable pseudonym. A user needs no record before the first event. */
export const User = Type.Object(
  {
    id: Id,
    country: Type.Optional(Country),
    language: Type.Optional(Type.String({ maxLength: 16 })),
    age: Type.Optional(Type.Integer({ minimum: 0, maximum: 130, description: 'Years.' })),
    interests: Type.Optional(Type.Array(Word, { maxItems: 32, description: 'Categories chosen at sign-up.' })),
    follows: Type.Optional(Type.Array(Id, { maxItems: 1000, description: 'Creators.' })),
    creator: Type.Optional(
      Type.Boolean({ description: 'Makes items under the same id: their own items are not shown to them.' }),
    ),
    optOut: Type.Optional(
      Type.Boolean({
        description: 'No personalisation: what was learnt is dropped, later events are kept without the user.',
      }),
    ),
    attributes: Type.Optional(Attributes),
  },
  { additionalProperties: false, description: 'A known account or a stable pseudonym.' },
)
export type User = Static<typeof User>

export const parseUser = parserOf(User)
