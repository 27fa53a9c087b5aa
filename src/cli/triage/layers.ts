/** Where on the way something can be wrong: of a request, then of an event, then of the process, then of what is shown. */
export const layers = {
  interface: 'the HTTP interface',
  queue: 'the queue of requests',
  retrieval: 'retrieval',
  coarse: 'the coarse rank',
  features: 'the online features',
  fine: 'the fine rank',
  rerank: 'the rerank',
  slate: 'the slate as a whole',
  'event log': 'the event log',
  'served log': 'the served log',
  workers: 'the workers',
  process: 'the process',
  machine: 'the machine',
  shown: 'what is shown',
} as const
export type Layer = keyof typeof layers
export const layerNames = Object.keys(layers) as Layer[]

/** Layers that all others come through: what is wrong anywhere may show there. */
export const general: readonly Layer[] = ['interface', 'queue', 'slate', 'process', 'machine', 'shown', 'workers']

/** Stages of a slate by what they belong to; those that are missing are the slate's own. */
const stages: Readonly<Record<string, Layer>> = {
  retrieve: 'retrieval',
  coarse: 'coarse',
  viewer: 'features',
  features: 'features',
  fine: 'fine',
  degraded: 'fine',
  simple: 'fine',
  rerank: 'rerank',
}

/** Of `fine` or `home/fine`; of `home` the whole. */
export function layerOf(stage: string): Layer {
  return stages[stage.split('/').at(-1) ?? stage] ?? 'slate'
}

/** Of `POST /v1/events`: who takes what is to be kept fails when it cannot be kept. */
export function layerOfRoute(route: string): Layer {
  return /^(POST|PUT|DELETE) \/v1\/(events|items|users)\b/.test(route) ? 'event log' : 'interface'
}
