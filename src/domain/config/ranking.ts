import { amount, group, modelName, whole } from './knobs.ts'

export const RankingConfig = group(
  'Ranking: which trained models take which place, and the bootstrap ranker below them, set by hand.',
  {
    coarse: modelName('Model that cuts what was retrieved, or `bootstrap`.', 'coarse'),
    fine: modelName('Model that gives the final scores, or `bootstrap`.', 'bst-isolated'),
    degraded: modelName('Model that scores when groups of features are missing, or `bootstrap`.', 'degraded'),
    scoreCache: group(
      'Scores that serve more than one request: of head queries and first pages, by viewers nobody knows. Filters and exploration are never kept.',
      {
        entries: whole(
          'Sets of scored candidates kept, about 80 KB each; 0 keeps none. Each is one surface with one query or item, country, language and age.',
          'sets',
          256,
          0,
          100_000,
        ),
        ageMs: amount(
          'Age up to which they are used. What a stranger is shown then lags behind the events of others by so much.',
          'ms',
          10_000,
          0,
          3_600_000,
        ),
      },
    ),
    shadowShare: amount(
      'Share of the slates on which a version in the shadow scores what the live one scored, once the answer is out. 0 asks it for none. It changes no slate.',
      'share',
      0.05,
      0,
      1,
    ),
    priorImpressions: amount('Weight of the prior in smoothed rates.', 'impressions', 50, 1, 100_000),
    priorCtr: amount('Click rate expected of an item nothing is known about.', 'rate', 0.05, 0.0001, 1),
    priorCompletion: amount('Share watched expected of an item nothing is known about.', 'share', 0.4, 0.0001, 1),
    sourceWeight: amount('Weight of the sources’ ranks.', 'weight', 1, 0, 100),
    qualityWeight: amount('Weight of click rate, completion and satisfaction.', 'weight', 0.35, 0, 100),
    affinityWeight: amount('Weight of the viewer’s affinity to category and creator.', 'weight', 0.4, 0, 100),
    popularityWeight: amount('Weight of popularity.', 'weight', 0.15, 0, 100),
    freshnessWeight: amount('Weight of recency.', 'weight', 0.1, 0, 100),
    fatigueWeight: amount('Loss for each recent impression without a click.', 'weight', 0.15, 0, 100),
  },
)
