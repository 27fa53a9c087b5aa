import type { Clock } from '../../foundation/base/index.ts'
import { type Config, profileOf } from '../../domain/index.ts'
import { Bulkhead } from '../../foundation/resilience/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { Features } from '../../stream/features/index.ts'
import {
  Admission,
  CachedSlates,
  chooseBy,
  createSupply,
  faultyReader,
  faultyScorer,
  faultySource,
  indexedSources,
  Injector,
  PopularSlates,
} from '../../serving/ladder/index.ts'
import type { PipelineParts } from '../../serving/pipeline/index.ts'
import type { Indexes } from '../../serving/retrieval/index.ts'
import { createSweep } from './sweep.ts'

/** The source that stands for any one of them. */
const ONE = 'covisit'
/** Age band of nobody in particular. */
const ANY_BAND = -1

type Struck = Pick<PipelineParts, 'sources' | 'coarse' | 'features' | 'fine' | 'degraded'>

/** Everything of the degradation policy that one process holds. */
export interface Ladder {
  readonly injector: Injector
  readonly cached: CachedSlates
  readonly admission: Admission
  /** Slates under way, and those that wait for a place. */
  readonly places: Bulkhead
  /** The parts with the seam for faults in them, and what the pipeline needs of the ladder. */
  guarded(parts: Struck): Struck & Pick<PipelineParts, 'supply' | 'budgets' | 'quality' | 'choose' | 'rows'>
}

export function createLadder(
  config: Config,
  clock: Clock,
  { state, features, indexes }: { state: State; features: Features; indexes: Indexes },
): Ladder {
  const { ladder, objective } = config
  const injector = new Injector(clock)
  const cached = new CachedSlates()
  const popular = new PopularSlates((country, at) => indexes.lists.popular(country, ANY_BAND, at).rows, clock)
  const supply = createSupply({ cached, popular, sweep: createSweep(state, features) })
  return {
    injector,
    cached,
    admission: new Admission(clock, {
      targetMs: ladder.waitTargetMs,
      intervalMs: ladder.waitIntervalMs,
      quality: ladder.quality,
      trade: objective.trade,
    }),
    places: new Bulkhead('the queue of slates', {
      runningMax: ladder.slatesAtOnce,
      waitingMax: ladder.slatesWaiting,
    }),
    guarded: ({ sources, coarse, features: reader, fine, degraded }) => ({
      sources: Object.fromEntries(
        Object.entries(sources).map(([name, source]) => [name, faultySource(source, pointsOf(name), injector)]),
      ),
      coarse: faultyScorer(coarse, 'coarse', injector),
      features: faultyReader(reader, injector),
      fine: faultyScorer(fine, 'fine', injector),
      ...(degraded && { degraded: faultyScorer(degraded, 'degraded', injector) }),
      supply,
      budgets: profileOf(config),
      quality: ladder.quality,
      choose: chooseBy(objective.trade),
      rows: () => state.items.size,
    }),
  }
}

function pointsOf(source: string) {
  return [
    'retrieval' as const,
    ...(indexedSources.includes(source) ? (['index'] as const) : []),
    ...(source === ONE ? (['source'] as const) : []),
  ]
}
