import { rate, type Panel } from './panel.ts'

const clicks = 'sum by (surface) (rate(sluice_slate_events_total{kind="click"}[$__rate_interval]))'
const impressions = 'sum by (surface) (rate(sluice_slate_events_total{kind="impression"}[$__rate_interval]))'

export const quality: readonly Panel[] = [
  {
    title: 'Click rate',
    say: 'Clicks over impressions of slates made here.',
    unit: 'percentunit',
    show: { '{{surface}}': `${clicks} / ${impressions}` },
  },
  {
    title: 'Calibration',
    say: 'Clicks that came over clicks that were predicted. A ratio that moves says that ranker and world have parted.',
    unit: 'none',
    show: { ratio: `${rate('sluice_calibration_clicks_total')} / ${rate('sluice_calibration_predicted_total')}` },
  },
  {
    title: 'Observed by bin',
    say: 'Click rate of the impressions of each bin of predicted probability, named by its upper edge: each should lie in its bin.',
    unit: 'percentunit',
    show: {
      '{{bin}}': `${rate('sluice_calibration_clicks_total', 'bin')} / ${rate('sluice_calibration_impressions_total', 'bin')}`,
    },
  },
  {
    title: 'Drift of features',
    say: 'The ten that moved most since the day before (PSI). Below 0.1 nothing, from 0.25 on act.',
    unit: 'none',
    show: { '{{feature}}': 'topk(10, sluice_feature_drift_psi{against="day"})' },
  },
  {
    title: 'Features against training',
    say: 'The ten furthest from what the live model was trained on (PSI). What was shown by another policy, or at another time, differs; what differs more and more asks for a training.',
    unit: 'none',
    show: { '{{feature}}': 'topk(10, sluice_feature_drift_psi{against="training"})' },
  },
  {
    title: 'Drift of scores',
    say: 'PSI of the fine score of what is shown.',
    unit: 'none',
    show: { score: 'sluice_score_drift_psi' },
  },
  {
    title: 'Diversity',
    say: 'Mean distance of the items of a slate by content: 0 alike, 1 apart.',
    unit: 'none',
    max: 1,
    show: { '{{surface}}': 'sluice_slate_diversity' },
  },
  {
    title: 'Concentration on creators',
    say: 'Gini of places on slates over all creators: 0 all alike, 1 one has all.',
    unit: 'none',
    max: 1,
    show: { gini: 'sluice_creator_gini' },
  },
  {
    title: 'Age of events',
    say: 'How old events are, by their own time, when they are taken.',
    unit: 's',
    show: { p99: 'histogram_quantile(0.99, sum by (le) (rate(sluice_event_age_seconds_bucket[$__rate_interval])))' },
  },
]
