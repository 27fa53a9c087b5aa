import Type from 'typebox'
import { amount, group, table, whole } from './knobs.ts'

export const FeaturesConfig = group('Where online features are read from, and how long they are waited for.', {
  store: Type.String({
    default: 'embedded',
    pattern: '^(embedded|rediss?://.+|redis\\+unix://.+)$',
    description:
      'embedded: columns of this process. redis://HOST:PORT or redis+unix:///PATH: a store that this process publishes to and reads from.',
    unit: 'address',
  }),
  deadlineMs: amount(
    'How long a group of features is waited for; after that it is stale or missing.',
    'ms',
    10,
    0.1,
    10_000,
  ),
  groupDeadlineMs: table(
    'Deadlines of single groups (item, creator, category, user, session), in milliseconds.',
    Type.Number({ minimum: 0.1, maximum: 10_000 }),
    {},
  ),
  freshMs: amount('Values from a store that are older count as stale.', 'ms', 180_000, 100, 86_400_000),
  publishMs: amount('How often changed values are published to a store.', 'ms', 100, 5, 60_000),
  refreshMs: amount(
    'Every value is published anew within this time, because windows and decay move on.',
    'ms',
    60_000,
    1000,
    3_600_000,
  ),
  staleValues: whole(
    'Latest values kept to answer with when a store is slow or down, items and users together.',
    'values',
    100_000,
    0,
    50_000_000,
  ),
})
