import type { Rung } from '../../domain/index.ts'

/** Where a fault strikes. `index`: the sources that answer from a built index; `retrieval`: all sources. */
export type FaultPoint =
  | 'features'
  | 'index'
  | 'source'
  | 'retrieval'
  | 'coarse'
  | 'fine'
  | 'degraded'
  | 'journal'
  | 'served'
  | 'slate'
  | 'worker'

/** What it does there: waits, throws, throws as memory does, gives old values, nothing, nonsense; burns the processor, ends. */
export type FaultKind = 'slow' | 'down' | 'memory' | 'stale' | 'empty' | 'corrupt' | 'busy' | 'killed'

export interface FaultSpec {
  readonly at: FaultPoint
  readonly does: FaultKind
  /** Milliseconds of `slow` and `busy`, when the one who injects it does not say. */
  readonly ms?: number
  /** What has happened, in a sentence. */
  readonly say: string
  /** The designed response. */
  readonly response: string
  /** The lowest rung that it alone may lead to, when nothing else is wrong. */
  readonly rung: Rung
  /** How it comes back. */
  readonly recovers: string
}

const probes =
  'its breaker lets one call through at a time after 0.25 s, then 0.5 s, to 4 s; three that succeed close it'

/**
 * Every failure that is designed for, by name: what strikes where, what the answer to it is. Read by the injection,
 * the tests, the game day and the guide.
 */
export const faults = {
  'features-slow': {
    at: 'features',
    does: 'slow',
    ms: 200,
    say: 'the feature store answers after its deadline',
    response:
      'not waited for beyond its budget; then what is worth most without online features: the order of the coarse model, the slate kept from before, the degraded model, what is popular',
    rung: 'popular',
    recovers: probes,
  },
  'features-down': {
    at: 'features',
    does: 'down',
    say: 'the feature store refuses',
    response:
      'what is worth most without online features: the order of the coarse model, which reads features of the process, the slate kept from before, the degraded model, what is popular',
    rung: 'popular',
    recovers: probes,
  },
  'features-stale': {
    at: 'features',
    does: 'stale',
    say: 'the feature store gives its last known values',
    response: 'the fine model ranks on them, and the report says how old they are',
    rung: 'stale',
    recovers: 'with the first fresh answer',
  },
  'index-slow': {
    at: 'index',
    does: 'slow',
    ms: 200,
    say: 'the indexes answer after their deadline',
    response: 'the sources that need no index supply the candidates; the slate kept from before fills up',
    rung: 'popular',
    recovers: probes,
  },
  'index-down': {
    at: 'index',
    does: 'down',
    say: 'the indexes refuse',
    response: 'as for a slow one, without the wait',
    rung: 'popular',
    recovers: probes,
  },
  'index-corrupt': {
    at: 'index',
    does: 'corrupt',
    say: 'the indexes name items that do not exist',
    response: 'the answer is refused whole, as if the index were down',
    rung: 'popular',
    recovers: probes,
  },
  'index-empty': {
    at: 'index',
    does: 'empty',
    say: 'the indexes give nothing',
    response:
      'the other sources supply the candidates; after eight empty answers in a row a source that usually gives something counts as failed, and the slate kept from before fills up before a sweep',
    rung: 'sweep',
    recovers: 'with the first answer',
  },
  'source-down': {
    at: 'source',
    does: 'down',
    say: 'one source refuses',
    response: 'the others supply the candidates',
    rung: 'partial',
    recovers: probes,
  },
  'retrieval-down': {
    at: 'retrieval',
    does: 'down',
    say: 'every source refuses',
    response: 'the slate kept from before and what is popular in the country are filtered anew and ranked',
    rung: 'popular',
    recovers: probes,
  },
  'coarse-down': {
    at: 'coarse',
    does: 'down',
    say: 'the coarse ranker refuses',
    response: 'the coarse ranker set by hand cuts in its place; the fine rank goes on',
    rung: 'partial',
    recovers: probes,
  },
  'ranker-slow': {
    at: 'fine',
    does: 'slow',
    ms: 200,
    say: 'the fine ranker answers after its deadline',
    response:
      'not waited for beyond its budget; then what is worth most: the order of the coarse model, the slate kept from before, the degraded model, the ranker set by hand',
    rung: 'popular',
    recovers: probes,
  },
  'ranker-down': {
    at: 'fine',
    does: 'down',
    say: 'the fine ranker refuses',
    response:
      'what is worth most without it: the order of the coarse model, the slate kept from before, the degraded model, the ranker set by hand',
    rung: 'popular',
    recovers: probes,
  },
  'ranker-memory': {
    at: 'fine',
    does: 'memory',
    say: 'the fine ranker finds no memory',
    response: 'as for one that is down',
    rung: 'popular',
    recovers: probes,
  },
  'degraded-down': {
    at: 'degraded',
    does: 'down',
    say: 'the degraded ranker refuses',
    response: 'nothing, while the fine ranker works; else the ranker set by hand takes its place in the choice',
    rung: 'full',
    recovers: probes,
  },
  'log-down': {
    at: 'journal',
    does: 'down',
    say: 'the event log cannot be written',
    response: 'slates go on; events are answered 503 with retry-after, and nothing is acknowledged that is not kept',
    rung: 'full',
    recovers: 'with the first write that succeeds',
  },
  'served-down': {
    at: 'served',
    does: 'down',
    say: 'the served log cannot be written',
    response: 'slates go on; the records that are lost are counted',
    rung: 'full',
    recovers: 'with the first write that succeeds',
  },
  overload: {
    at: 'slate',
    does: 'busy',
    ms: 20,
    say: 'every whole slate costs much more than usual, and requests queue',
    response:
      'requests that waited too long get the slate kept from before or what is popular; the rest is served whole',
    rung: 'popular',
    recovers: 'when requests have waited less than half the target for a whole interval',
  },
  'worker-killed': {
    at: 'worker',
    does: 'killed',
    say: 'the thread that is asked for a slate ends (with `server.workers`; without, nothing is struck)',
    response:
      'another thread makes the slate; one that ended two gets the slate kept from before or what is popular; when none is left, the server makes them itself',
    rung: 'popular',
    recovers: 'it is begun again after 0.25 s, then 0.5 s, to 30 s while it ends again within a minute',
  },
} as const satisfies Record<string, FaultSpec>
/** Sources that answer from a built index: what `index` strikes. */
export const indexedSources: readonly string[] = [
  'sequence',
  'two-tower',
  'slim',
  'covisit',
  'similar',
  'following',
  'lexical',
]

export type FaultName = keyof typeof faults
export const faultNames = Object.keys(faults) as FaultName[]
