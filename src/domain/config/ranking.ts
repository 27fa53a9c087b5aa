import { amount, group, modelName } from './knobs.ts'

export const RankingConfig = group(
  'Ranking: which trained models take which place, and the bootstrap ranker below them, set by hand.',
  {
    coarse: modelName('Model that cuts what was retrieved, or `bootstrap`.', 'coarse'),
    fine: modelName('Model that gives the final scores, or `bootstrap`.', 'bst-isolated'),
    degraded: modelName('Model that scores when groups of features are missing, or `bootstrap`.', 'degraded'),
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
