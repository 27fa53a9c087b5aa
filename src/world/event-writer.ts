import type { EventInput } from '../domain/index.ts'
import type { Emit } from './outcome.ts'
import { devices, regions } from './topics.ts'
import { creatorId, itemId, type Planted, userId } from './truth.ts'

/** The slate that events are written about. */
export interface Shown {
  readonly id: string
  readonly surface: string
  readonly user: number
  readonly session: string
}

/** Writes what a viewer does as events: the id is the slate's and a number, so that sending it twice counts once. */
export function eventWriter({ items, users }: Planted, slate: Shown, put: (event: EventInput) => void): Emit {
  let number = 0
  const user = userId(slate.user)
  const device = devices[users.device[slate.user]]
  const { country } = regions[users.region[slate.user]]
  const { id, surface, session } = slate
  return (kind, item, position, at, value, completion) => {
    const event: EventInput = {
      id: `${id}.${number++}`,
      kind,
      user,
      session,
      item: itemId(item),
      slate: id,
      surface,
      position,
      country,
      device,
      at,
    }
    if (kind === 'follow') event.creator = creatorId(items.creator[item])
    if (!Number.isNaN(value)) event.value = value
    if (!Number.isNaN(completion)) event.completion = completion
    put(event)
  }
}

/** The event of a search, made when the session's next slate is a search. */
export function searchEvent(id: string, user: number, session: string, query: string, at: number): EventInput {
  return { id, kind: 'search', user: userId(user), session, surface: 'search', query, at }
}

/** Name of a user's n-th session, from 1. */
export function sessionId(user: number, number: number): string {
  return `${userId(user)}-${number}`
}
