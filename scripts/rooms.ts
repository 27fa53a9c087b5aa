import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const START = '<!-- rooms -->'
const END = '<!-- /rooms -->'

/** What each room is, in one line; the imports come from the room table. */
const says: Readonly<Record<string, string>> = {
  'foundation/base': 'clock, deadlines, errors, ids, seeded chance, typed-array tables, top-k',
  'foundation/telemetry': 'every metric and log line, declared once; redaction',
  'foundation/resilience': 'breaker, bulkhead, shedding',
  'foundation/store': 'the journal and its drivers; locks; format of the data folder',
  domain: 'the vocabulary: item, user, event, slate, surface, rule, objective, configuration',
  'stream/events': 'accept, de-duplicate, append, replay, erase',
  'stream/catalog': 'ids to rows, static facts, the fold of the state',
  'stream/features': 'one definition per file, folded from the stream, read in one batch',
  'stream/samples': 'served slates and outcomes joined into training samples, point in time',
  'learning/graph': 'symbolic graph, reverse-mode gradients, ONNX emitter, executor',
  'learning/embeddings': 'unbounded ids to trained rows; sparse and dense optimisers',
  'learning/models': 'one model per file',
  'learning/training': 'trainers, checkpoints, evaluation inside training',
  'learning/registry': 'versions, lineage, gates, promotion, rollback',
  'judging/metrics': 'one ranking metric per file; bootstrap intervals',
  'judging/drift': 'has the distribution moved?',
  'serving/pipeline': 'stage contracts and the runner; knows no source, no model, no surface',
  'serving/features': 'the port of online features: columns of the process, or a store with kept values',
  'serving/filters': 'one filter per file; rules of a request',
  'serving/search': 'the lexical index',
  'serving/retrieval': 'sources and their indexes; what each is worth',
  'serving/ranking': 'the bootstrap ranker: coarse, fine, reasons',
  'serving/rerank': 'diversity, caps, pins, exploration; pure',
  'serving/ladder': 'what answers when parts fail or time is short: the ways down, admission, the seam for faults',
  'serving/served': 'the log of what was shown',
  'serving/vectors': 'the nearest of a million vectors: one port, exact and inverted files; the life cycle of an index',
  'serving/watch': 'what was shown, watched: drift, diversity, concentration, calibration',
  'serving/inference': 'trained models at serving time',
  world: 'a simulated platform with known truth',
  connect: 'importers and export',
  app: 'composition: configuration to engine; evaluation',
  planning: 'how many machines, how much time per layer, which configuration',
  server: 'HTTP: routes as a table, limits, keys',
  client: 'what a program asks a server through; only types of other rooms, only `fetch`',
  cli: 'one file per command',
}

/** ARCHITECTURE.md with its room table made anew from the rules that the checker holds. */
export function architecture(): Record<string, string> {
  const { rooms } = createRequire(`${process.cwd()}/`)('./src/rooms.cjs') as { rooms: Record<string, string[]> }
  const lines = Object.entries(rooms).map(([room, allowed]) => {
    const say = says[room]
    if (say === undefined) throw new RangeError(`scripts/rooms.ts does not say what the room ${room} is`)
    return `| ${room} | ${allowed.join(', ') || 'nothing'} | ${say} |`
  })
  const text = readFileSync('ARCHITECTURE.md', 'utf8')
  const [before, rest] = text.split(START) as [string, string]
  const after = rest.split(END)[1] as string
  const table = ['| room | may import | what it is |', '|---|---|---|', ...lines].join('\n')
  return { 'ARCHITECTURE.md': `${before}${START}\n${table}\n${END}${after}` }
}
