import { Random } from '../foundation/base/index.ts'
import { TOPICS } from './topics.ts'

/** Stands for no topic in a memory of the latest ones. */
export const NO_TOPIC = 255

/**
 * What is wanted after what. Topics lie on a circle, in an order drawn by lot: after one of them, those ahead of it attract
 * and those behind it do not, most of all a quarter of the way round; one that came twice in a row tires. Where chess is
 * wanted after jazz, jazz is not wanted after chess: only the order of the latest watches says what is wanted, not which
 * ones they were.
 */
export interface Order {
  /** [TOPICS x TOPICS] -1 to 1: what the topic of the column is after that of the row. */
  readonly after: Float32Array
}

export function makeOrder(seed: string | number): Order {
  const places = new Random(`${seed}/order`).shuffle(Uint8Array.from({ length: TOPICS }, (_, topic) => topic))
  const after = new Float32Array(TOPICS * TOPICS)
  for (let last = 0; last < TOPICS; last++)
    for (let topic = 0; topic < TOPICS; topic++)
      after[last * TOPICS + topic] = Math.sin((2 * Math.PI * (places[topic] - places[last])) / TOPICS)
  return { after }
}

/** What a topic is after the latest watches, -1 to 1. `last`, `before`: their topics, the latest first, or NO_TOPIC. */
export function pull({ after }: Order, topic: number, last: number, before: number): number {
  if (last === NO_TOPIC) return 0
  return topic === last && before === last ? -1 : after[last * TOPICS + topic]
}
