import type { State } from '../../../stream/catalog/index.ts'
import type { Features, Histories } from '../../../stream/features/index.ts'
import {
  ConsumptionSamples,
  type ConsumptionOptions,
  type Dataset,
  LiveSamples,
  type SampleOptions,
} from '../../../stream/samples/index.ts'
import type { SampleFeed } from './online-trainer.ts'

/** What ranking models learn from: requests whose outcomes are in. */
export function rankingFeed(
  ground: { readonly state: State; readonly features: Features },
  options: SampleOptions,
): SampleFeed {
  const live = new LiveSamples(ground, options)
  return {
    pass: (entry) => ground.state.apply(entry),
    take: (entry) => live.take(entry),
    due: (now) => live.due(now),
    get front() {
      return live.front
    },
  }
}

/** Is told of a stream what is not to be learned from. */
export interface Onlooker {
  /** What was only folded. */
  remember(samples: Dataset): void
  /** A user opted out or was erased: what is kept of them goes. */
  forgetUser(user: number): void
}

/**
 * What two towers learn from: what is consumed, as it comes. Make it over a state without entries: it adds the histories.
 */
export function consumptionFeed(
  state: State,
  histories: Histories,
  options: ConsumptionOptions,
  onlooker: Onlooker,
): SampleFeed {
  const consumptions = new ConsumptionSamples(state, histories, options)
  state.add({ name: 'onlooker', apply() {}, shelve() {}, forget: (user) => onlooker.forgetUser(user) })
  let passing = false
  const settle = (): void => {
    const samples = passing ? consumptions.due() : undefined
    passing = false
    if (samples) onlooker.remember(samples)
  }
  return {
    pass: (entry) => {
      consumptions.take(entry)
      passing = true
      if (consumptions.waiting >= PASSED) settle()
    },
    take: (entry) => {
      settle()
      consumptions.take(entry)
    },
    due: () => {
      settle()
      return consumptions.due()
    },
    front: undefined,
  }
}

/** Consumptions that are told at once of those that are only folded. */
const PASSED = 4096
