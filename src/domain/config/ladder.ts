import { amount, flag, group, whole } from './knobs.ts'

const worth = (description: string, value: number) => amount(description, 'share', value, 0, 1)

export const LadderConfig = group('What happens when parts fail or time is short.', {
  slatesAtOnce: whole(
    'Slates that are made at once; more wait in order of arrival. On one thread they take time from each other, so 1 unless features come from afar.',
    'slates',
    1,
    1,
    10_000,
  ),
  slatesWaiting: whole('Slates that may wait; more get the cheapest rung at once.', 'slates', 256, 0, 100_000),
  waitTargetMs: amount(
    'A wait that is still good. Longer ones, when they last, are a standing queue.',
    'ms',
    20,
    0.1,
    10_000,
  ),
  waitIntervalMs: amount(
    'How long every wait must be above the target before the queue counts as standing, and below half of it before it is over.',
    'ms',
    100,
    0,
    60_000,
  ),
  faults: flag(
    'May faults be injected at run time? For tests and game days; the environment variable SLUICE_FAULTS allows it too.',
    false,
  ),
  quality: group(
    'Worth of the slates of each rung to the primary metric, as a share of the healthy ones: measured on a simulated platform by sluice evaluate --rungs, which prints it for yours. An order gives way to what is ready to be shown when that is worth more.',
    {
      full: worth('Every stage answered.', 1),
      partial: worth('A source or stage is missing.', 0.99),
      stale: worth('Features are old.', 0.98),
      degraded: worth('The degraded model, with features.', 0.89),
      coarse: worth(
        'The coarse order. The coarse model reads features of the process, so it does not lack them.',
        0.95,
      ),
      retrieval: worth('The order of retrieval.', 0.42),
      cached: worth('The slate kept from before.', 0.95),
      popular: worth('Popular in the country.', 0.75),
      sweep: worth('Swept from the catalogue.', 0.75),
      empty: worth('Nothing.', 0),
      withoutFeatures: group('The same without online features, or without a group of them, where it is less.', {
        partial: worth('The fine model.', 0.78),
        degraded: worth('The degraded model.', 0.79),
      }),
      byHand: group('The same when rules set by hand rank in the place of trained models, where it is less.', {
        degraded: worth('The ranker set by hand, with features.', 0.75),
        coarse: worth('The coarse order set by hand.', 0.4),
      }),
    },
  ),
})
