// The house as data: who may import whom. Read by the checker's rules (.dependency-cruiser.cjs) and by the test of ARCHITECTURE.md.
// Imports between rooms go through the other room's index.ts; files of one room import each other directly.
const base = ['foundation/base']
const foundation = ['foundation/base', 'foundation/telemetry', 'foundation/resilience', 'foundation/store']
const state = ['stream/events', 'stream/catalog', 'stream/features']

const rooms = {
  'foundation/base': [],
  domain: base,
  'foundation/telemetry': base,
  'foundation/resilience': base,
  'foundation/store': [...base, 'foundation/telemetry', 'domain'],
  'stream/events': [...foundation, 'domain'],
  'stream/catalog': [...base, 'domain', 'stream/events'],
  'stream/features': [...base, 'domain', 'stream/events', 'stream/catalog'],
  'judging/metrics': base,
  'serving/pipeline': [...base, 'foundation/telemetry', 'foundation/resilience', 'domain'],
  'serving/filters': [...base, 'domain', ...state, 'serving/pipeline'],
  'serving/search': [...base, 'domain', ...state, 'serving/pipeline'],
  'serving/retrieval': [...base, 'foundation/telemetry', 'domain', ...state, 'serving/pipeline', 'serving/search'],
  'serving/ranking': [...base, 'domain', ...state, 'serving/pipeline'],
  'serving/rerank': [...base, 'domain', 'serving/pipeline'],
  'serving/served': [...foundation, 'domain', 'serving/pipeline'],
  world: [...base, 'domain', 'stream/events', 'judging/metrics'],
  connect: [...base, 'domain', 'stream/events'],
  app: [
    ...foundation,
    'domain',
    ...state,
    'judging/metrics',
    'serving/pipeline',
    'serving/filters',
    'serving/search',
    'serving/retrieval',
    'serving/ranking',
    'serving/rerank',
    'serving/served',
    'world',
    'connect',
  ],
  server: [...base, 'foundation/telemetry', 'foundation/resilience', 'domain', 'app'],
  cli: [...base, 'foundation/telemetry', 'domain', 'world', 'connect', 'app', 'server'],
}

module.exports = { rooms }
