import Type, { type Static } from 'typebox'
import { parserOf } from './parse.ts'
import { Country, Id, Time } from './shapes.ts'

export interface KindSpec {
  /** How much one such event says about taste, from -10 to 10. Scaled by `value` where `scale` says so. */
  readonly strength: number
  /** Has the viewer consumed the item? Then it is seen: it enters the history and leaves later slates. */
  readonly consumes: boolean
  /** What the event is about. */
  readonly about: 'item' | 'creator' | 'text'
  /** What `value` means, and how it changes the strength. */
  readonly scale: 'none' | 'completion' | 'stars5' | 'survey5'
  /** What `value` may be, when the kind has one. `needed`: the event says nothing without it. */
  readonly value?: {
    readonly min: number
    readonly max: number
    readonly needed: boolean
    readonly say: string
  }
  readonly say: string
}

/** Every built-in kind of event. A kind's code is its place here: append only. */
export const kinds = {
  impression: {
    strength: 0,
    consumes: false,
    about: 'item',
    scale: 'none',
    say: 'was rendered where the viewer could see it',
  },
  click: { strength: 1, consumes: true, about: 'item', scale: 'none', say: 'was opened' },
  watch: {
    strength: 2,
    consumes: true,
    about: 'item',
    scale: 'completion',
    value: { min: 0, max: Number.MAX_VALUE, needed: false, say: 'seconds, from 0' },
    say: 'was watched; value: seconds, completion: 0 to 1',
  },
  like: { strength: 3, consumes: true, about: 'item', scale: 'none', say: 'was liked' },
  share: { strength: 4, consumes: true, about: 'item', scale: 'none', say: 'was shared' },
  follow: { strength: 3, consumes: false, about: 'creator', scale: 'none', say: 'its creator was followed' },
  'not-interested': { strength: -3, consumes: true, about: 'item', scale: 'none', say: 'was waved away' },
  report: { strength: -10, consumes: true, about: 'item', scale: 'none', say: 'was reported' },
  survey: {
    strength: 3,
    consumes: false,
    about: 'item',
    scale: 'survey5',
    value: { min: 1, max: 5, needed: true, say: '1 (regret) to 5 (glad)' },
    say: 'was judged; value: 1 (regret) to 5 (glad)',
  },
  search: { strength: 0, consumes: false, about: 'text', scale: 'none', say: 'a search was made; query: its text' },
  purchase: {
    strength: 5,
    consumes: true,
    about: 'item',
    scale: 'none',
    value: { min: 0, max: Number.MAX_VALUE, needed: false, say: 'a price, from 0' },
    say: 'was bought; value: price',
  },
  cart: { strength: 3, consumes: true, about: 'item', scale: 'none', say: 'was put into the cart' },
  rating: {
    strength: 2,
    consumes: true,
    about: 'item',
    scale: 'stars5',
    value: { min: 0.5, max: 5, needed: true, say: 'stars, 0.5 to 5' },
    say: 'was rated; value: stars, 0.5 to 5',
  },
} as const satisfies Record<string, KindSpec>

const plainKind: KindSpec = { strength: 1, consumes: false, about: 'item', scale: 'none', say: 'custom' }

export type BuiltInKind = keyof typeof kinds

export const Event = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 128, description: 'Idempotency key: the same id counts once.' }),
    kind: Type.String({ minLength: 1, maxLength: 64 }),
    user: Type.Optional(Id),
    session: Type.Optional(Id),
    item: Type.Optional(Id),
    creator: Type.Optional(Id),
    slate: Type.Optional(Type.String({ maxLength: 64, description: 'The slate it was shown on.' })),
    surface: Type.Optional(Type.String({ maxLength: 64 })),
    position: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 10_000, description: 'Position in the slate, from 0.' }),
    ),
    value: Type.Optional(Type.Number({ description: 'Its meaning depends on the kind; see the table of kinds.' })),
    completion: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'Share watched.' })),
    query: Type.Optional(Type.String({ maxLength: 512 })),
    country: Type.Optional(Country),
    device: Type.Optional(Type.String({ maxLength: 32 })),
    at: Time,
  },
  { additionalProperties: false, description: 'What a viewer did.' },
)
/** As it arrives. */
export type EventInput = Static<typeof Event>
/** As it is kept: the moment in milliseconds, and when it was received. */
export type Event = Omit<EventInput, 'at'> & { at: number; receivedAt: number }

export const parseEvent = parserOf(Event)

/** Why an event was turned away. */
export const rejections = {
  ERR_EVENT_INVALID: 'the event does not fit the schema',
  ERR_KIND_UNKNOWN: 'the kind is neither built in nor configured',
  ERR_EVENT_INCOMPLETE: 'the kind needs a property that is missing',
  ERR_TIME_INVALID: 'the time is no moment',
  ERR_EVENT_FUTURE: 'the event is later than the server clock allows',
  ERR_EVENT_TOO_OLD: 'the event is older than live events may be; import it instead',
  ERR_ITEM_UNKNOWN: 'the item is not in the catalogue',
  ERR_USER_ERASED: 'the user was erased a moment ago',
} as const
export type RejectionCode = keyof typeof rejections

/** All kinds of one server: the built-in ones and the configured ones, each with a code that never changes. */
export class Kinds {
  readonly names: readonly string[]
  readonly specs: readonly KindSpec[]
  private readonly codes: ReadonlyMap<string, number>

  constructor(custom: Readonly<Record<string, Partial<KindSpec>>> = {}) {
    const added = Object.keys(custom).filter((name) => !Object.hasOwn(kinds, name))
    this.names = [...Object.keys(kinds), ...added]
    this.specs = this.names.map((name) => ({
      ...plainKind,
      ...(Object.hasOwn(kinds, name) && (kinds as Record<string, KindSpec>)[name]),
      ...custom[name],
    }))
    this.codes = new Map(this.names.map((name, code) => [name, code]))
  }

  /** The code of a kind, or -1. */
  code(name: string): number {
    return this.codes.get(name) ?? -1
  }

  /**
   * What one event says about taste. A watch counts by its share watched, a rating from 0.5 (one star) to 1.5 (five),
   * a survey from -1 to 1 around its middle; a missing value counts as the kind's plain strength.
   */
  strength(code: number, value: number, completion: number): number {
    const { strength, scale } = this.specs[code] as KindSpec
    if (scale === 'completion') return Number.isNaN(completion) ? strength / 2 : strength * (0.1 + 0.9 * completion)
    if (scale === 'stars5')
      return Number.isNaN(value) ? strength : strength * (0.25 + 0.25 * Math.min(5, Math.max(0, value)))
    if (scale === 'survey5') return Number.isNaN(value) ? 0 : (strength * (Math.min(5, Math.max(1, value)) - 3)) / 2
    return strength
  }
}
