import type { ErasureReport, EventsReport, Explanation, SimilarItem, UpsertReport } from '../app/index.ts'
import type { BuiltInKind, EventInput, Item, Slate, SlateRequest, User } from '../domain/index.ts'
import { Caller, type CallerOptions } from './caller.ts'
import { Outbox, type OutboxCounts, type OutboxOptions } from './outbox.ts'

export interface ClientOptions extends CallerOptions {
  /** Longest wait for a slate, milliseconds. Default 1000. */
  readonly slateMs?: number
  /** Longest wait for any other answer, milliseconds. Default 10,000. */
  readonly timeoutMs?: number
  /** How events are sent in the background. */
  readonly events?: OutboxOptions
}

/** An event as a program reports it: an id and the moment are added where they are left out. */
export type NewEvent = Omit<EventInput, 'id' | 'at' | 'kind'> & {
  readonly kind: BuiltInKind | (string & {})
  readonly id?: string
  /** Milliseconds since 1970, or an ISO 8601 date. Default: now. */
  readonly at?: EventInput['at']
}

/** One server of Sluice, as a program asks it. What fails is a ClientError; failures that pass are tried three times in the time there is. */
export interface Client {
  /** Items to show, in order. Put `slate`, its id, and the positions into the events that come of it. */
  slate(request: SlateRequest, signal?: AbortSignal): Promise<Slate>
  /** Reports what a viewer did, in the background: see `OutboxOptions`, `counts`, `flush`. */
  send(event: NewEvent): void
  /** Reports events and waits until those that were accepted are on disk and count for the next slate. At most `server.eventsMax`. */
  events(batch: readonly NewEvent[]): Promise<EventsReport>
  /** Adds or replaces items, a thousand at a time. */
  putItems(items: Iterable<Item>): Promise<UpsertReport>
  putUsers(users: Iterable<User>): Promise<UpsertReport>
  item(id: string): Promise<Item>
  deleteItem(id: string): Promise<void>
  similar(item: string, limit?: number): Promise<readonly SimilarItem[]>
  user(id: string): Promise<User>
  /** Complete erasure. Cannot be undone. */
  eraseUser(id: string): Promise<ErasureReport>
  explain(slate: string): Promise<Explanation>
  /** What became of the events that were sent in the background. */
  readonly counts: OutboxCounts
  /** Sends the events that are held; resolves with how many still are after that time. Default 10,000 ms. */
  flush(timeoutMs?: number): Promise<number>
  /** Sends the events that are held, for at most that time, and ends. Default 10,000 ms. */
  close(timeoutMs?: number): Promise<void>
}

const TRIES = 3
const PUT_MAX = 1000
const END_MS = 10_000

/** @throws TypeError for an address that is none */
export function createClient(options: ClientOptions): Client {
  const { url, slateMs = 1000, timeoutMs = 10_000 } = options
  if (!/^https?:\/\/./.test(url) || !URL.canParse(url)) {
    throw new TypeError(`Cannot make a client for "${url}": it is no address. Give one like http://127.0.0.1:8787`)
  }
  const caller = new Caller(options)
  const outbox = new Outbox(caller, options.events ?? {})
  const again = { timeoutMs, tries: TRIES }
  const name = encodeURIComponent
  const put = (path: string) => async (records: Iterable<unknown>) => {
    const sum = { accepted: 0, added: 0, changed: 0, unchanged: 0 }
    const rejected: UpsertReport['rejected'][number][] = []
    let before = 0
    for (const body of inBatches(records, PUT_MAX)) {
      const report = await caller.json<UpsertReport>('PUT', path, { ...again, body })
      for (const count of ['accepted', 'added', 'changed', 'unchanged'] as const) sum[count] += report[count]
      for (const one of report.rejected) rejected.push({ ...one, index: before + one.index })
      before += body.length
    }
    return { ...sum, rejected }
  }

  return {
    slate: (body, signal) => caller.json('POST', '/v1/slates', { body, signal, timeoutMs: slateMs, tries: TRIES }),
    send: (event) => outbox.add(complete(event)),
    events: (batch) => caller.json('POST', '/v1/events', { ...again, body: { events: batch.map(complete) } }),
    putItems: put('/v1/items'),
    putUsers: put('/v1/users'),
    item: (id) => caller.json('GET', `/v1/items/${name(id)}`, again),
    deleteItem: async (id) => void (await caller.json('DELETE', `/v1/items/${name(id)}`, { timeoutMs })),
    async similar(item, limit) {
      const path = `/v1/items/${name(item)}/similar${limit === undefined ? '' : `?limit=${limit}`}`
      return (await caller.json<{ items: SimilarItem[] }>('GET', path, again)).items
    },
    user: (id) => caller.json('GET', `/v1/users/${name(id)}`, again),
    eraseUser: (id) => caller.json('DELETE', `/v1/users/${name(id)}`, { timeoutMs }),
    explain: (slate) => caller.json('GET', `/v1/slates/${name(slate)}/explain`, again),
    get counts() {
      return outbox.counts
    },
    flush: (ms = END_MS) => outbox.flush(ms),
    close: (ms = END_MS) => outbox.close(ms),
  }
}

/** With an id of its own, the same however often it is sent. */
function complete(event: NewEvent): EventInput {
  return { ...event, id: event.id ?? crypto.randomUUID(), at: event.at ?? Date.now() }
}

function* inBatches<T>(records: Iterable<T>, most: number): Generator<T[]> {
  let batch: T[] = []
  for (const record of records) {
    batch.push(record)
    if (batch.length < most) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
