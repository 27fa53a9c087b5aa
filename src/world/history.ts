import type { EventInput } from '../domain/index.ts'
import type { Audience } from './audience.ts'
import { eventWriter, searchEvent, sessionId } from './event-writer.ts'
import { LoggingPolicy } from './logging-policy.ts'
import { queryFor } from './records.ts'
import { simulate } from './simulate.ts'
import { TimeQueue } from './time-queue.ts'
import type { Planted } from './truth.ts'

/** Slates of the history that were drawn and ordered wholly by lot have ids with this first letter, the others RULED. */
const RANDOMISED = 'x'
const RULED = 'h'

/** Was this slate of the history drawn and ordered wholly by lot? */
export const drawnByLot = (slate: string): boolean => slate.startsWith(RANDOMISED)

/**
 * The log of the days before the end: every session of every user under the logging policy, events in order of time.
 * Moves `audience`, which afterwards is the state at the end. Memory: the events of the sessions under way.
 */
export function* simulateHistory(planted: Planted, audience: Audience): Generator<EventInput> {
  const { sizes, users } = planted
  const policy = new LoggingPolicy(planted)
  const asks = new TimeQueue()
  for (let user = 0; user < users.count; user++) {
    const early = users.joined[user] < sizes.start
    asks.push(early ? audience.sessions.firstVisit(user, sizes.start) : users.joined[user], user)
  }
  const pending = new TimeQueue()
  const events: EventInput[] = []
  const free: number[] = []
  const put = (event: EventInput) => {
    if ((event.at as number) >= sizes.end) return // it would happen after the history
    const place = free.pop() ?? events.length
    events[place] = event
    pending.push(event.at as number, place)
  }
  let slates = 0
  let id = ''
  let session = ''
  const steps = simulate(audience, policy, asks, sizes.end, ({ surface, user }) => {
    id = `${policy.randomised ? RANDOMISED : RULED}${(slates++).toString(36)}`
    session = sessionId(user, audience.sessions.begun[user])
    return eventWriter(planted, { id, surface, user, session }, put)
  })
  for (const { wish, outcome } of steps) {
    if (outcome.next === 'search') {
      const query = queryFor(outcome.topic, (slates % 997) / 997)
      put(searchEvent(`${id}.q`, wish.user, session, query, outcome.at))
    }
    while (pending.earliest <= asks.earliest) {
      const place = pending.pop()
      free.push(place)
      yield events[place]
    }
  }
  while (pending.size > 0) yield events[pending.pop()]
}
