import { completeConfig, Kinds } from '../../../domain/index.ts'
import { State } from '../../../stream/catalog/index.ts'
import type { Entry } from '../../../stream/events/index.ts'
import { Features } from '../../../stream/features/index.ts'
import { type Dataset, samplesOf } from '../../../stream/samples/index.ts'
import { createWorld, drawnByLot, type World, type WorldOptions } from '../../../world/index.ts'
import { factsOf, type ItemFacts } from '../../models/index.ts'

export interface WorldSamples {
  readonly world: World
  readonly samples: Dataset
  readonly state: State
  readonly features: Features
  readonly facts: ItemFacts
}

/** Samples of a simulated world's history, by point-in-time replay; `state` is as of its end. */
export function worldSamples(options: WorldOptions, share = 1): WorldSamples {
  const config = completeConfig()
  const world = createWorld(options)
  const surfaces = Object.keys(config.surfaces)
  const state = new State(new Kinds())
  const features = new Features(state, config.ranking, surfaces)
  const entries: Entry[] = [...entriesOf(world)]
  const { dataset } = samplesOf(() => entries, { state, features }, { surfaces, randomised: drawnByLot, share })
  return { world, samples: dataset, state, features, facts: factsOf(state, features.vectors) }
}

/** The world's history as a journal holds it. */
export function* entriesOf(world: World): Generator<Entry> {
  for (const made of world.entries()) {
    if (made.type !== 'event') yield made
    else {
      const at = made.event.at as number
      yield { type: 'event', event: { ...made.event, at, receivedAt: at } }
    }
  }
}
