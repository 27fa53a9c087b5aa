import Type from 'typebox'
import { amount, group, whole } from './knobs.ts'

const Pin = Type.Object(
  {
    item: Type.String({ description: 'Item to pin.' }),
    surface: Type.Optional(Type.String({ description: 'Only on this surface.' })),
    country: Type.Optional(Type.String({ description: 'Only for viewers there.' })),
    from: Type.Optional(Type.String({ description: 'From this moment on (ISO 8601).' })),
    until: Type.Optional(Type.String({ description: 'Until this moment.' })),
  },
  { additionalProperties: false },
)

export const RetrievalConfig = group('Where candidates come from.', {
  historyItems: whole('Latest consumed items of the viewer that sources start from.', 'items', 50, 1, 50),
  popularHalfLifeHours: amount('Half-life of popularity.', 'hours', 168, 0.1, 100_000),
  trendingHalfLifeHours: amount('Half-life of a trend.', 'hours', 6, 0.05, 10_000),
  listRefreshMs: amount(
    'Popular and trending lists are made anew at most this often, and at least 15 times as rarely while events come: in between when 5 % of what they rest on has changed.',
    'ms',
    2000,
    0,
    600_000,
  ),
  neighbours: whole('Neighbours kept per item by co-visitation.', 'items', 128, 4, 1024),
  covisitSpan: whole('Earlier items of the same viewer that one event is paired with.', 'items', 50, 1, 50),
  slimItems: whole(
    'Items, most consumed first, that the sparse linear model covers; 0 turns it off.',
    'items',
    6000,
    0,
    65_000,
  ),
  slimSupport: whole('Neighbours each item is regressed on.', 'items', 120, 4, 1000),
  slimRidge: amount('L2 penalty of the regression.', 'strength', 100, 0.001, 100_000),
  slimRefreshSeconds: amount(
    'Least time between two builds of the model while events flow.',
    'seconds',
    300,
    1,
    1_000_000,
  ),
  freshDays: amount('An item is fresh for this long after it was published or added.', 'days', 7, 0.01, 10_000),
  freshImpressions: whole('... and until it was shown this often.', 'impressions', 500, 1, 1_000_000),
  towersBackHours: amount(
    'The two towers that served before the ones in use stay at hand for so long, with their index, and a rollback takes under a second. 0: they do not, and their memory is free.',
    'hours',
    24,
    0,
    168,
  ),
  pins: Type.Array(Pin, { default: [], description: 'Editorial pins, first one first.' }),
})
