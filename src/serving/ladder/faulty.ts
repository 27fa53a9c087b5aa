import type { FeatureReader, FeatureReading, Retrieved, Scorer, Source } from '../pipeline/index.ts'
import type { FaultKind, FaultPoint } from './faults.ts'
import type { Injector } from './injector.ts'

/** A row that no item has. */
const NOWHERE = 0xffff_fffe
/** Age that is told of values called stale. */
const STALE_MS = 60_000

/** A source that the faults of the given points can strike. */
export function faultySource(source: Source, points: readonly FaultPoint[], injector: Injector): Source {
  return {
    name: source.name,
    retrieve(query, limit, deadline) {
      const ask = (kind: FaultKind | undefined) => {
        if (kind === 'empty') return { rows: [], scores: [] }
        const given = source.retrieve(query, limit, deadline)
        return kind === 'corrupt' ? Promise.resolve(given).then(corrupted) : given
      }
      if (injector.active.length === 0) return source.retrieve(query, limit, deadline)
      for (const point of points) {
        const struck = injector.suffer(point)
        if (struck !== undefined) return struck instanceof Promise ? struck.then(() => ask(undefined)) : ask(struck)
      }
      return ask(undefined)
    },
  }
}

/** The list with one row that no item has: what a torn or foreign file gives. */
function corrupted({ rows, scores }: Retrieved): Retrieved {
  return { rows: [...Array.from(rows), NOWHERE], scores: [...Array.from(scores), 0] }
}

export function faultyScorer(scorer: Scorer, point: FaultPoint, injector: Injector): Scorer {
  return {
    get name() {
      return scorer.name
    },
    get byHand() {
      return scorer.byHand === true
    },
    get ready() {
      return scorer.ready !== false
    },
    ...(scorer.explain && { explain: scorer.explain.bind(scorer) }),
    ...(scorer.click && { click: scorer.click.bind(scorer) }),
    ...(scorer.prepare && { prepare: scorer.prepare.bind(scorer) }),
    score(query, candidates, out) {
      const struck = injector.suffer(point)
      if (struck instanceof Promise) return struck.then(() => scorer.score(query, candidates, out))
      return scorer.score(query, candidates, out)
    },
  }
}

export function faultyReader(reader: FeatureReader, injector: Injector): FeatureReader {
  return {
    names: reader.names,
    groups: reader.groups,
    ...(reader.prepare && { prepare: reader.prepare.bind(reader) }),
    read(query, rows, out, deadline, known) {
      const struck = injector.suffer('features')
      if (struck instanceof Promise) return struck.then(() => reader.read(query, rows, out, deadline, known))
      const read = reader.read(query, rows, out, deadline, known)
      if (struck !== 'stale') return read
      return read instanceof Promise ? read.then(aged) : aged(read)
    },
  }
}

function aged({ groups }: FeatureReading): FeatureReading {
  return { groups, status: groups.map(() => 'stale' as const), ages: groups.map(() => STALE_MS) }
}
