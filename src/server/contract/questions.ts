import Type from 'typebox'
import { Event, Id, Item, User } from '../../domain/index.ts'
import { limits } from '../limits.ts'

const open = { additionalProperties: true }

/** What an event, item or user looks like once it is kept. */
export const StoredEvent = Type.Object(
  { ...Event.properties, at: Type.Number(), receivedAt: Type.Number() },
  { description: 'An event as it is kept: moments in milliseconds since 1970.' },
)

export const ById = Type.Object({ id: Id })
export const SimilarQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.similarMax, default: 20 })) },
  { additionalProperties: false },
)
export const TailQuery = Type.Object(
  {
    last: Type.Optional(
      Type.Integer({ minimum: 0, maximum: limits.tailLastMax, default: 10, description: 'Past events to begin with.' }),
    ),
    follow: Type.Optional(
      Type.Boolean({ default: true, description: 'Go on with new ones; false: end after the past ones.' }),
    ),
  },
  { additionalProperties: false },
)
export const ObservationsQuery = Type.Object(
  {
    minutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: limits.observedMinutesMax,
        default: limits.observedMinutes,
        description: 'How many minutes back.',
      }),
    ),
    before: Type.Optional(
      Type.Number({
        minimum: 0,
        description: 'Only what came before this moment, in milliseconds since 1970: the `from` of the answer before.',
      }),
    ),
  },
  { additionalProperties: false },
)
export const NoQuery = Type.Object({}, { additionalProperties: false })

export const EventsBody = Type.Object({ events: Type.Array(Event) }, { additionalProperties: false })
export const ItemsBody = Type.Union([Type.Array(Item), Type.Object({ items: Type.Array(Item) })])
export const UsersBody = Type.Union([Type.Array(User), Type.Object({ users: Type.Array(User) })])
export const Anything = Type.Unknown(open)
