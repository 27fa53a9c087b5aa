import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import { amount, choice, group, table, whole, words } from './knobs.ts'

/** Milliseconds of each stage. A stage that is not done by then hands on what it was given. */
export const StageBudgets = Type.Object({
  retrievalMs: amount('All sources together.', 'ms', 15, 0.1, 60_000),
  coarseMs: amount('The coarse rank.', 'ms', 10, 0.1, 60_000),
  featuresMs: amount('The features of the candidates, read in one batch.', 'ms', 25, 0.1, 60_000),
  fineMs: amount('The fine rank, or the degraded one in its place.', 'ms', 20, 0.1, 60_000),
  rerankMs: amount('Diversity, caps, exploration and the last look at policy.', 'ms', 10, 0.1, 60_000),
})
export type StageBudgets = Static<typeof StageBudgets>

export const Profile = Type.Object(
  {
    budgetMs: amount('Time for the whole slate; a surface with less of its own keeps that.', 'ms', 100, 1, 60_000),
    ...StageBudgets.properties,
    marginMs: amount('Network, reading the request, writing the answer.', 'ms', 20, 0, 60_000),
    retrieve: whole('Most candidates after retrieval, on any surface.', 'candidates', 1000, 1, 100_000),
    rank: whole('Most candidates after the coarse rank, on any surface.', 'candidates', 200, 1, 10_000),
    ranker: choice('What ranks last: the fine model, or the one distilled from it.', 'fine', ['fine', 'distilled']),
    features: choice('Where features are read: from the configured store, or always from this process.', 'store', [
      'store',
      'colocated',
    ]),
    shed: words('Sources that are not asked, on surfaces that have others.', []),
    shedBy: choice(
      'Which sources those are: the listed ones, or as many of those that brought the least clicks of their own per millisecond, as soon as a thousand slates have told; looked at when the server starts.',
      'worth',
      ['worth', 'list'],
    ),
  },
  { additionalProperties: false },
)
export type Profile = Static<typeof Profile>

/**
 * The profiles that come with it. The cuts of the second are not in proportion: candidates and the costly ranker go
 * first, retrieval keeps most of its time, and the sources that bring least for theirs are not asked.
 */
export const defaultProfiles: Readonly<Record<string, Partial<Profile>>> = {
  '100ms': Value.Default(Profile, {}) as Profile,
  '50ms': {
    budgetMs: 50,
    retrievalMs: 10,
    coarseMs: 6,
    featuresMs: 8,
    fineMs: 8,
    rerankMs: 6,
    marginMs: 12,
    retrieve: 600,
    rank: 120,
    ranker: 'distilled',
    features: 'colocated',
    shed: ['similar', 'interests', 'trending'],
  },
}

export const BudgetsConfig = group('Where the time of a slate goes: the worksheet of the latency budget.', {
  profile: Type.String({
    minLength: 1,
    maxLength: 64,
    default: '100ms',
    description: 'The profile in use, by name; `sluice up --budget 50` picks the one of that many milliseconds.',
    unit: 'name',
  }),
  profiles: table('Profiles by name.', Profile, defaultProfiles),
})
