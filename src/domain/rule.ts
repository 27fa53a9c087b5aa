import Type, { type Static } from 'typebox'

const Scalar = Type.Union([Type.String({ maxLength: 256 }), Type.Number(), Type.Boolean()])
const Bound = Type.Union([Type.Number(), Type.String({ minLength: 10, maxLength: 40 })], {
  description: 'A number; a moment also as ISO 8601 text, such as 2026-01-31.',
})

/**
 * A condition on an item, sent with a request: {"field":"price","max":20}, {"field":"category","in":["jazz"]}.
 * Fields: category, tag, creator, language, duration, price, stock, published, ageRating and your own attributes
 * by name, as far as any item has it. Conditions of one rule must all hold; `any`, `all` and `not` combine rules. An
 * item without the field fails every condition but `"exists": false`.
 */
export const Rule = Type.Cyclic(
  {
    Rule: Type.Object(
      {
        field: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
        is: Type.Optional(Scalar),
        in: Type.Optional(Type.Array(Scalar, { maxItems: 256 })),
        min: Type.Optional(Bound),
        max: Type.Optional(Bound),
        exists: Type.Optional(Type.Boolean()),
        all: Type.Optional(Type.Array(Type.Ref('Rule'), { maxItems: 16 })),
        any: Type.Optional(Type.Array(Type.Ref('Rule'), { maxItems: 16 })),
        not: Type.Optional(Type.Ref('Rule')),
      },
      { additionalProperties: false },
    ),
  },
  'Rule',
)

export interface Rule {
  field?: string
  is?: Static<typeof Scalar>
  in?: readonly Static<typeof Scalar>[]
  min?: number | string
  max?: number | string
  exists?: boolean
  all?: readonly Rule[]
  any?: readonly Rule[]
  not?: Rule
}
