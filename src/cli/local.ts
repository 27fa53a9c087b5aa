import type { Engine } from '../app/index.ts'
import type { Exported, ExportKind, Platform } from './platform.ts'

/** Records handed over at once on export. */
const BATCH = 500

/**
 * A data folder opened in this process. Retrieval models encode every item before they serve, and nothing waits for that
 * here; so their live versions are told as the registry has them.
 */
export function localPlatform(
  engine: Engine,
  data: string,
  liveOf: (model: string) => string | undefined,
  retrievers: readonly string[],
): Platform {
  return {
    where: data,
    running: false,
    slate: (request) => engine.slate(request),
    explain: async (slate) => engine.explain(slate),
    portfolio: async () => engine.portfolio(),
    faults: async () => engine.faults(),
    injectFaults: async (injections) => engine.injectFaults(injections),
    status: async () => {
      const status = engine.status()
      const live = retrievers.flatMap((model) => {
        const version = liveOf(model)
        return version === undefined ? [] : [[model, version] as const]
      })
      return { ...status, models: { ...Object.fromEntries(live), ...status.models } }
    },
    eraseUser: (id) => engine.eraseUser(id),
    async *tail(last, follow, signal) {
      // Nobody else can add an event while this process holds the folder: the latest are all there is.
      const stop = new AbortController()
      signal.addEventListener('abort', () => stop.abort())
      const known = follow ? Number.POSITIVE_INFINITY : Math.min(last, engine.status().events)
      let given = 0
      if (known === 0) return
      for await (const event of engine.tail(last, stop.signal)) {
        yield event
        if (++given >= known) break
      }
      stop.abort()
    },
    records: (kind) => batches(recordsOf(engine, kind)),
    close: () => engine.close(),
  }
}

function recordsOf<K extends ExportKind>(engine: Engine, kind: K): Iterable<Exported[K]> {
  const all: { readonly [Kind in ExportKind]: () => Iterable<Exported[Kind]> } = {
    items: () => engine.allItems(),
    users: () => engine.allUsers(),
    events: () => engine.allEvents(),
  }
  return all[kind]()
}

async function* batches<T>(values: Iterable<T>): AsyncGenerator<readonly T[]> {
  let batch: T[] = []
  for (const value of values) {
    batch.push(value)
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
