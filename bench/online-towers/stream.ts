import { completeConfig, Kinds } from '../../src/domain/index.ts'
import { DAY } from '../../src/foundation/base/index.ts'
import { factsOf, type ItemFacts } from '../../src/learning/models/index.ts'
import type { RetrievalCases } from '../../src/learning/training/index.ts'
import { entriesOf } from '../../src/learning/training/testing/world-samples.ts'
import { State } from '../../src/stream/catalog/index.ts'
import { ContentVectors, Histories } from '../../src/stream/features/index.ts'
import { ConsumptionSamples, type Dataset } from '../../src/stream/samples/index.ts'
import { createWorld, type WorldOptions } from '../../src/world/index.ts'

/** What users of a world consume, in order, with the moment after which a model trained before it has to get along. */
export interface Stream {
  readonly samples: Dataset
  readonly facts: ItemFacts
  readonly border: number
  /** Numbers of the requests before the border, and after it. */
  readonly before: Uint32Array
  readonly after: Uint32Array
  /** [requests] row of the item that was consumed. */
  readonly item: Uint32Array
  /** Rows of the items that are out at a moment: those below it. */
  out(at: number): number
  /** Requests as what a model is asked: all that the viewer has consumed before is left out of the ranking. */
  cases(numbers: Uint32Array): RetrievalCases
}

/** `part`: share of the days that lies before the border. */
export function streamOf(sizes: WorldOptions & { readonly days: number }, part: number): Stream {
  const world = createWorld(sizes)
  const state = new State(new Kinds())
  const histories = new Histories()
  const surfaces = Object.keys(completeConfig().surfaces)
  const recorder = new ConsumptionSamples(state, histories, { history: 20, surfaces })
  const vectors = state.add(new ContentVectors(state.items))
  const outAt: number[] = []
  for (const entry of entriesOf(world)) {
    recorder.take(entry)
    while (outAt.length < state.items.size) outAt.push(entry.type === 'event' ? entry.event.at : entry.at)
  }
  const { samples, requests } = recorder.finish()
  const border = world.end - sizes.days * DAY * (1 - part)
  const item = Uint32Array.from({ length: samples.requests }, (_, i) => samples.request(i).items[0] as number)
  const users = Array.from(item, (_, number) => samples.request(number).user)
  const seen = seenOf(users, item)
  return {
    ...{ samples, border, item, facts: factsOf(state, vectors) },
    before: requests.filter((number) => samples.at(number) < border),
    after: requests.filter((number) => samples.at(number) >= border),
    out: (at) => outAt.filter((when) => when <= at).length,
    cases: (numbers) => ({
      wanted: numbers.map((number) => item[number] as number),
      users: Int32Array.from(numbers, (number) => users[number] as number),
      request: (index) => samples.request(numbers[index] as number),
      seen: (index) => seen(numbers[index] as number),
    }),
  }
}

/** Per request what its viewer had consumed before. */
function seenOf(users: readonly number[], item: Uint32Array): (number: number) => readonly number[] {
  const consumed = new Map<number, number[]>()
  const places = users.map((user, number) => {
    const own = consumed.get(user) ?? []
    consumed.set(user, own)
    return own.push(item[number] as number) - 1
  })
  return (number) => consumed.get(users[number] as number)?.slice(0, places[number]) ?? []
}
