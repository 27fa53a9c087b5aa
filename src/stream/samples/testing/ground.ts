import { completeConfig, type Event, Kinds } from '../../../domain/index.ts'
import { State } from '../../catalog/index.ts'
import type { Entry } from '../../events/index.ts'
import { Features } from '../../features/index.ts'

export const START = Date.UTC(2026, 0, 1)

/** An empty state with all features. */
export function ground() {
  const state = new State(new Kinds())
  return { state, features: new Features(state, completeConfig().ranking) }
}

export function catalogue(users: number, items: number): Entry[] {
  return [
    ...Array.from({ length: users }, (_, i): Entry => ({ type: 'user', user: { id: `u${i}` }, at: START })),
    ...Array.from(
      { length: items },
      (_, i): Entry => ({
        type: 'item',
        item: { id: `i${i}`, creator: `c${i % 3}`, categories: [`x${i % 2}`], duration: 100 },
        at: START,
      }),
    ),
  ]
}

let number = 0
/** An event `seconds` after the start. */
export function event(kind: string, seconds: number, rest: Partial<Event>): Entry {
  const at = START + seconds * 1000
  return { type: 'event', event: { id: `e${number++}`, kind, at, receivedAt: at, ...rest } }
}

/** The impressions of a slate, a tenth of a second apart. */
export function slate(name: string, user: string | undefined, seconds: number, items: readonly string[]): Entry[] {
  return items.map((item, position) =>
    event('impression', seconds + position / 10, {
      slate: name,
      item,
      position,
      surface: 'home',
      ...(user && { user }),
    }),
  )
}
