import { Event } from '../../domain/index.ts'
import { LinesBody, putLines } from '../bulk.ts'
import { EventsBody, EventsReport, NoQuery, StoredEvent, TailQuery } from '../contract/index.ts'
import { RequestError } from '../errors.ts'
import { limits } from '../limits.ts'
import { JSON_TYPE, LINES_TYPE, route } from '../route.ts'
import { sendLines, whileOpen } from '../send.ts'

/** Only the outside is checked here: the engine judges events one by one, and one bad event spoils no other. */
function eventsOf(body: unknown, eventsMax: number): readonly unknown[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new RequestError('/', 'must be an object: {"events": [...]}')
  }
  const { events, ...others } = body as Record<string, unknown>
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw new RequestError(`/${unknown}`, 'is not a known property: known: events')
  if (!Array.isArray(events)) throw new RequestError('/events', 'must be an array')
  if (events.length > eventsMax) {
    throw new RequestError('/events', `has ${events.length} events; at most ${eventsMax} are taken at once`)
  }
  return events
}

export const events = [
  route({
    name: 'sendEvents',
    method: 'POST',
    path: '/v1/events',
    needs: 'write',
    group: 'events',
    summary: 'Report what viewers did. Accepted events are on disk and count for the next slate.',
    more: 'The answer is 200 even when events were rejected: look at `rejected`. Events are told apart by id, so sending them again is safe. JSON lines are taken as a stream of any number of events, one a line; when that breaks off halfway, or the disk fails in the middle of many events, what came before it is kept.',
    schema: { querystring: NoQuery },
    takes: { [JSON_TYPE]: EventsBody, [LINES_TYPE]: Event },
    gives: { type: JSON_TYPE, schema: EventsReport },
    fails: ['ERR_OVERLOADED', 'ERR_DISK_WRITE'],
    example: {
      events: [{ id: 'e1', kind: 'click', user: 'u1', item: 'i1', slate: 's1', position: 0, at: 1760000000000 }],
    },
    bulk: true,
    msMax: limits.longRequestMsMax,
    async handle({ engine, config }, { body }) {
      if (!(body instanceof LinesBody)) return engine.events(eventsOf(body, config.eventsMax))
      const bounds = { lineMax: config.bodyBytesMax, bodyMax: config.bulkBytesMax }
      return putLines(body, bounds, ['accepted', 'duplicate'], (batch) => engine.events(batch))
    },
  }),
  route({
    name: 'tailEvents',
    method: 'GET',
    path: '/v1/events/tail',
    needs: 'admin',
    group: 'events',
    summary:
      'Follow the events as they are accepted, as JSON lines. Ends when you leave, or after the past ones with `follow=false`.',
    more: 'Each event is told once. A client that is more than 1,000 events behind misses the oldest of them; `GET /v1/export/events` has all.',
    schema: { querystring: TailQuery },
    gives: { type: LINES_TYPE, schema: StoredEvent },
    fails: ['ERR_OVERLOADED'],
    stream: true,
    async handle({ engine, tails, stopping, log }, { query }, reply) {
      const leave = tails.enter()
      try {
        const signal = query.follow === false ? AbortSignal.abort() : whileOpen(reply, stopping)
        await sendLines(reply, engine.tail(query.last ?? 10, signal), log)
      } finally {
        leave()
      }
    },
  }),
]
