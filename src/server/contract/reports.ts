import Type, { type Static } from 'typebox'
import { User } from '../../domain/index.ts'

export const Failure = Type.Object(
  {
    error: Type.Object({
      code: Type.String({ description: 'From the table of errors.' }),
      message: Type.String({ description: 'What could not be done, why, and the way out.' }),
      where: Type.Optional(Type.String({ description: 'The place in the request that is wrong.' })),
    }),
  },
  { description: 'Every answer that is not a success.' },
)
export type Failure = Static<typeof Failure>

export const Rejected = Type.Object(
  {
    index: Type.Integer({ description: 'Place in the request, from 0.' }),
    code: Type.String(),
    message: Type.String(),
  },
  { description: 'A record that was turned away.' },
)

const omitted = Type.Optional(Type.Integer({ description: 'Rejections beyond those listed.' }))

export const EventsReport = Type.Object(
  { accepted: Type.Integer(), duplicate: Type.Integer(), rejected: Type.Array(Rejected), omitted },
  { description: 'What came of each event. Accepted ones are on disk and count for the next slate.' },
)

export const UpsertReport = Type.Object(
  {
    accepted: Type.Integer({ description: 'Those added, changed and unchanged together.' }),
    added: Type.Integer(),
    changed: Type.Integer(),
    unchanged: Type.Integer({ description: 'There just so, and not written again.' }),
    rejected: Type.Array(Rejected),
    omitted,
  },
  { description: 'What came of each record.' },
)

export const ErasureReport = Type.Object(
  {
    user: Type.String(),
    erased: Type.Object({
      profile: Type.Boolean(),
      journal: Type.Integer(),
      served: Type.Integer(),
      slates: Type.Integer(),
    }),
  },
  { description: 'What was erased from each store.' },
)

export const UserView = Type.Object(
  {
    ...User.properties,
    historyLength: Type.Integer({ description: 'Items consumed.' }),
    history: Type.Array(Type.Object({ item: Type.String(), at: Type.Number(), kind: Type.String() }), {
      description: 'The latest ones.',
    }),
  },
  { description: 'A user and what they consumed.' },
)
