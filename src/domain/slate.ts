import Type, { type Static } from 'typebox'
import { parserOf } from './parse.ts'
import { Rule } from './rule.ts'
import { Country, Id, Time } from './shapes.ts'

export const SlateRequest = Type.Object(
  {
    surface: Type.String({ minLength: 1, maxLength: 64, description: 'Where the slate will be shown.' }),
    user: Type.Optional(Id),
    session: Type.Optional(Id),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 200, description: 'Items wanted; default: the surface’s.' }),
    ),
    item: Type.Optional(Id),
    query: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    exclude: Type.Optional(Type.Array(Id, { maxItems: 1000, description: 'Items that must not be on the slate.' })),
    filter: Type.Optional(Rule),
    context: Type.Optional(
      Type.Object(
        {
          country: Type.Optional(Country),
          language: Type.Optional(Type.String({ maxLength: 16 })),
          device: Type.Optional(Type.String({ maxLength: 32 })),
          age: Type.Optional(Type.Integer({ minimum: 0, maximum: 130 })),
        },
        { additionalProperties: false },
      ),
    ),
    cursor: Type.Optional(Type.String({ maxLength: 16_384, description: 'From the page before.' })),
    at: Type.Optional(Time),
    seed: Type.Optional(
      Type.String({ maxLength: 64, description: 'Fixes exploration: equal state, request and seed give equal bytes.' }),
    ),
  },
  { additionalProperties: false, description: 'A wish for a slate.' },
)
export type SlateRequest = Omit<Static<typeof SlateRequest>, 'filter'> & { filter?: Rule }
export const parseSlateRequest = parserOf(SlateRequest)

/**
 * How whole an answer is, best first. A slate's rung is the lowest thing that happened to it. One list, many readers:
 * the contract, the metrics, the quality table of the degradation policy, the docs.
 */
export const rungs = {
  full: 'every stage and source answered',
  partial: 'a source or stage was late, failed or skipped; what it would have added is missing',
  stale: 'ranked by the fine model on the last known features',
  degraded: 'ranked by a lesser model: the one trained to do without online features, or the one set by hand',
  coarse: 'the order of the coarse rank',
  retrieval: 'the order of retrieval',
  cached:
    'no retrieval: the viewer’s last slate (after an item and for a search, the last one made for that) and its runners-up, filtered anew',
  popular: 'no retrieval: what is popular in the viewer’s country, filtered anew',
  sweep: 'too few were left: the catalogue was swept for eligible items',
  empty: 'no eligible item exists',
} as const
export type Rung = keyof typeof rungs
export const rungNames = Object.keys(rungs) as Rung[]

/** The lower of two rungs. */
export function lowerRung(a: Rung, b: Rung): Rung {
  return rungNames.indexOf(a) >= rungNames.indexOf(b) ? a : b
}

export const StageStatus = Type.Union([
  Type.Literal('ok'),
  Type.Literal('late'),
  Type.Literal('failed'),
  Type.Literal('skipped'),
])
export type StageStatus = Static<typeof StageStatus>

export const StageReport = Type.Object({
  stage: Type.String(),
  status: StageStatus,
  at: Type.Number({ description: 'When it began, in milliseconds from the arrival of the request.' }),
  ms: Type.Number({ description: 'Milliseconds it took.' }),
  budget: Type.Number({ description: 'Milliseconds it had.' }),
  in: Type.Integer({ description: 'Candidates before.' }),
  out: Type.Integer({ description: 'Candidates after.' }),
  note: Type.Optional(Type.String()),
})
export type StageReport = Static<typeof StageReport>

export const SlateItem = Type.Object({
  item: Type.String(),
  position: Type.Integer({ description: 'From 0.' }),
  score: Type.Number({ description: 'Fine score: expected value to the objective. Comparable within one slate.' }),
  sources: Type.Array(Type.String(), { description: 'The retrieval sources that proposed it.' }),
  sourceScores: Type.Record(Type.String(), Type.Number(), { description: 'Each source’s own score.' }),
  propensity: Type.Number({ description: 'Probability with which this item took this position, given the request.' }),
  explored: Type.Boolean({ description: 'Chosen to learn about it.' }),
  predictions: Type.Optional(
    Type.Record(Type.String(), Type.Number(), {
      description: 'What the fine model predicts, by head: probabilities, and the expected share watched.',
    }),
  ),
  reason: Type.String({ description: 'Why, in a sentence a viewer could read.' }),
  title: Type.Optional(Type.String()),
  creator: Type.Optional(Type.String()),
  categories: Type.Optional(Type.Array(Type.String())),
})
export type SlateItem = Static<typeof SlateItem>

export const Slate = Type.Object({
  slate: Type.String({ description: 'Id of the slate: send it back with its events.' }),
  surface: Type.String(),
  at: Type.Number(),
  items: Type.Array(SlateItem),
  rung: Type.Enum(rungNames, { description: `How whole the answer is, best first: ${rungNames.join(', ')}.` }),
  stages: Type.Array(StageReport),
  digest: Type.String({ description: 'Short hash of the configuration and versions that made it.' }),
  models: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description: 'Who scored, by stage: MODEL/VERSION, or bootstrap.',
    }),
  ),
  personal: Type.Boolean({ description: 'Was the viewer’s history used?' }),
  cursor: Type.Optional(Type.String({ description: 'Send it back for the next page; missing on the last one.' })),
})
export type Slate = Static<typeof Slate>
