import Type from 'typebox'
import { amount, choice, flag, group, table, whole } from './knobs.ts'

const CustomKind = Type.Object(
  {
    strength: Type.Number({ minimum: -10, maximum: 10, description: 'How much one such event says about taste.' }),
    consumes: Type.Boolean({ description: 'Does it make the item seen?' }),
  },
  { additionalProperties: false },
)

export const EventsConfig = group('What happens to an event.', {
  kinds: table('Custom kinds of events by name.', CustomKind, {}),
  futureMs: amount(
    'How far ahead of the server clock an event may be; it is then taken as happening now.',
    'ms',
    300_000,
    0,
    86_400_000,
  ),
  lateMs: amount(
    'How old a live event may be. Older ones are rejected: import them.',
    'ms',
    604_800_000,
    0,
    31_536_000_000,
  ),
  unknownItems: choice(
    'An event about an item that is not in the catalogue: reject it, or add a bare item.',
    'reject',
    ['reject', 'create'],
  ),
  duplicateWindow: whole(
    'How many of the latest event ids are remembered to tell duplicates.',
    'ids',
    2_000_000,
    1000,
    100_000_000,
  ),
  pendingMax: whole(
    'Most events that may wait for the disk; more are refused with 503.',
    'events',
    200_000,
    100,
    10_000_000,
  ),
  attributesMax: whole(
    'Most names of attributes that all items have together: each is a column over the whole catalogue. An item with a further one is refused.',
    'names',
    256,
    1,
    100_000,
  ),
  segmentBytes: whole('Size of one segment of the log.', 'bytes', 67_108_864, 65_536, 1_073_741_824),
  retentionDays: amount('Events older than this leave the log; the catalogue stays.', 'days', 400, 1, 100_000),
  servedRetentionDays: amount('Served slates older than this leave the served log.', 'days', 30, 0.01, 10_000),
  servedLog: flag(
    'Keep what was served, with candidates, scores, propensities and features. Training and explain need it.',
    true,
  ),
})
