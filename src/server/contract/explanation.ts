import Type from 'typebox'
import { StageReport, StageStatus } from '../../domain/index.ts'
import { counts } from './counts.ts'

export const SimilarItem = Type.Object({
  item: Type.String(),
  score: Type.Number({ description: 'Likeness of the content; higher is more alike.' }),
  title: Type.Optional(Type.String()),
})

export const SimilarItems = Type.Object({ item: Type.String(), items: Type.Array(SimilarItem) })

export const Explanation = Type.Object(
  {
    slate: Type.String(),
    surface: Type.String(),
    user: Type.Optional(Type.String()),
    at: Type.Number(),
    rung: Type.String(),
    digest: Type.String(),
    models: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: 'Who scored, by stage: MODEL/VERSION, or bootstrap.' }),
    ),
    funnel: Type.Array(Type.Object({ step: Type.String(), count: Type.Integer() }), {
      description: 'Candidates left after each step, in order.',
    }),
    removals: counts('Candidates removed, by reason.'),
    stages: Type.Array(StageReport),
    sources: Type.Array(
      Type.Object({
        name: Type.String(),
        status: StageStatus,
        at: Type.Number({ description: 'When it was asked, in milliseconds from the start of retrieval.' }),
        ms: Type.Number(),
        count: Type.Integer(),
        note: Type.Optional(Type.String()),
      }),
    ),
    items: Type.Array(
      Type.Object({
        item: Type.String(),
        title: Type.Optional(Type.String()),
        position: Type.Integer(),
        sources: Type.Record(Type.String(), Type.Object({ score: Type.Number(), rank: Type.Integer() })),
        scores: Type.Object({ retrieval: Type.Number(), coarse: Type.Number(), fine: Type.Number() }),
        contributions: counts('Parts of the fine score; they sum to it.'),
        predictions: Type.Optional(counts('What the fine model predicted, by head.')),
        features: counts('What the ranker saw.'),
        propensity: Type.Number(),
        explored: Type.Boolean(),
        pinned: Type.Boolean(),
        reason: Type.String(),
      }),
    ),
    runnersUp: Type.Array(Type.Object({ item: Type.String(), score: Type.Number() }), {
      description: 'Ranked and not chosen, best first.',
    }),
  },
  { description: 'Why a slate looks as it does; read from what was logged when it was made.' },
)

const amounts = ['retrieved', 'ranked', 'served', 'clicked', 'unique', 'uniqueClicked', 'late', 'failed'] as const

export const PortfolioReport = Type.Object(
  {
    slates: Type.Integer(),
    rows: Type.Array(
      Type.Object({
        source: Type.String(),
        ...(Object.fromEntries(amounts.map((name) => [name, Type.Integer()])) as Record<
          (typeof amounts)[number],
          ReturnType<typeof Type.Integer>
        >),
        msMean: Type.Number(),
        msMax: Type.Number(),
        verdict: Type.String(),
      }),
    ),
  },
  { description: 'What each source is worth.' },
)
