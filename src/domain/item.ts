import Type, { type Static } from 'typebox'
import { parserOf } from './parse.ts'
import { Attributes, Country, Id, Time, Word } from './shapes.ts'

/** An entry of the catalogue. Everything but the id may be left out; what is there makes slates better. */
export const Item = Type.Object(
  {
    id: Id,
    title: Type.Optional(Type.String({ maxLength: 512 })),
    description: Type.Optional(Type.String({ maxLength: 8192 })),
    creator: Type.Optional(Id),
    categories: Type.Optional(Type.Array(Word, { maxItems: 16 })),
    tags: Type.Optional(Type.Array(Word, { maxItems: 64 })),
    language: Type.Optional(Type.String({ maxLength: 16 })),
    duration: Type.Optional(Type.Number({ minimum: 0, description: 'Seconds.' })),
    published: Type.Optional(Time),
    expires: Type.Optional(Time),
    hidden: Type.Optional(Type.Boolean({ description: 'Kept, but on no slate.' })),
    flags: Type.Optional(
      Type.Array(Word, { maxItems: 16, description: 'Policy flags; the configuration says which ones block.' }),
    ),
    ageRating: Type.Optional(Type.Integer({ minimum: 0, maximum: 99, description: 'Least age in years.' })),
    countries: Type.Optional(Type.Array(Country, { maxItems: 300, description: 'Only there; left out: everywhere.' })),
    notCountries: Type.Optional(Type.Array(Country, { maxItems: 300 })),
    stock: Type.Optional(Type.Number({ minimum: 0, description: 'Pieces left; left out: unlimited.' })),
    price: Type.Optional(Type.Number({ minimum: 0 })),
    image: Type.Optional(Type.String({ maxLength: 1024 })),
    attributes: Type.Optional(Attributes),
  },
  { additionalProperties: false, description: 'An entry of the catalogue.' },
)
export type Item = Static<typeof Item>

export const parseItem = parserOf(Item)
