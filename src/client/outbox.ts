import type { EventsReport } from '../app/index.ts'
import type { EventInput } from '../domain/index.ts'
import type { Caller } from './caller.ts'
import { ClientError } from './errors.ts'
import { pause, retryDelay } from './pause.ts'

export interface OutboxOptions {
  /** Events of one request. Default 500. */
  readonly batchMax?: number
  /** Longest wait of an event for others to go with it, milliseconds. Default 1000. */
  readonly delayMs?: number
  /** Events held while the server cannot be reached; one beyond that is lost. Default 10,000. */
  readonly queueMax?: number
  /** For one request, milliseconds. Default 10,000. */
  readonly timeoutMs?: number
  /** Is told of each event that the server turned away, and why. */
  readonly onRejected?: (event: EventInput, why: { readonly code: string; readonly message: string }) => void
  /** Is told of events that will never arrive, and why. */
  readonly onLost?: (events: readonly EventInput[], why: ClientError) => void
}

/** What became of the events so far. */
export interface OutboxCounts {
  readonly held: number
  readonly accepted: number
  readonly duplicate: number
  readonly rejected: number
  readonly lost: number
}

/** Times that an answer of 500 is taken for an accident of the server rather than the doing of the events. */
const ACCIDENTS_MAX = 5
const NO_ONE = () => undefined

/**
 * Sends events in the background, in their order, one request at a time. What fails in passing is sent again until it arrives:
 * events are told apart by id, so that counts none twice. Bounded: an event that finds the queue full is lost, and said to be.
 */
export class Outbox {
  private readonly caller: Caller
  private readonly options: Required<OutboxOptions>
  private readonly queue: EventInput[] = []
  private readonly closing = new AbortController()
  private readonly tally = { accepted: 0, duplicate: 0, rejected: 0, lost: 0 }
  private timer: ReturnType<typeof setTimeout> | undefined
  private sending: Promise<void> | undefined
  private batch: number
  private failures = 0

  constructor(caller: Caller, options: OutboxOptions) {
    const defaults = { batchMax: 500, delayMs: 1000, queueMax: 10_000, timeoutMs: 10_000 }
    this.caller = caller
    this.options = { ...defaults, onRejected: NO_ONE, onLost: NO_ONE, ...options }
    this.batch = this.options.batchMax
  }

  get counts(): OutboxCounts {
    return { held: this.queue.length, ...this.tally }
  }

  /** @throws ClientError ERR_CLIENT_CLOSED */
  add(event: EventInput): void {
    if (this.closing.signal.aborted) {
      throw new ClientError('ERR_CLIENT_CLOSED', 'Cannot send an event: this client was closed')
    }
    const { queueMax, batchMax, delayMs } = this.options
    if (this.queue.length >= queueMax) {
      const why = `Cannot hold more than ${queueMax} events for ${this.caller.url}: it takes them too slowly, or not at all`
      this.lose([event], new ClientError('ERR_CLIENT_FULL', why))
      return
    }
    this.queue.push(event)
    if (this.queue.length >= batchMax) this.start()
    else this.timer ??= setTimeout(() => this.start(), delayMs)
  }

  /** Sends what is held. Resolves with the number still held, when there is none or the time is over. */
  async flush(timeoutMs: number): Promise<number> {
    const ended = new AbortController()
    let over = false
    const end = pause(timeoutMs, ended.signal).then(() => (over = true))
    while (this.queue.length > 0 && !over) {
      this.start()
      await Promise.race([this.sending, end])
    }
    ended.abort()
    return this.queue.length
  }

  /** Sends what is held; what is left when the time is over is lost. */
  async close(timeoutMs: number): Promise<void> {
    await this.flush(timeoutMs)
    this.closing.abort()
    await this.sending
    if (this.queue.length === 0) return
    const rest = this.queue.splice(0)
    this.lose(rest, new ClientError('ERR_CLIENT_CLOSED', `The client was closed with ${rest.length} events unsent`))
  }

  private start(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    if (this.queue.length === 0) return
    this.sending ??= this.drain().finally(() => {
      this.sending = undefined
      if (this.queue.length > 0 && !this.closing.signal.aborted) this.start()
    })
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0 && !this.closing.signal.aborted) {
      const events = this.queue.slice(0, this.batch)
      try {
        const { timeoutMs } = this.options
        const { signal } = this.closing
        const report = await this.caller.json<Answered>('POST', '/v1/events', { body: { events }, timeoutMs, signal })
        this.arrived(events, report)
      } catch (error) {
        if (this.closing.signal.aborted) return
        await this.failed(events, error as ClientError)
      }
    }
  }

  private arrived(events: readonly EventInput[], report: Answered): void {
    this.queue.splice(0, events.length)
    this.failures = 0
    this.batch = this.options.batchMax
    this.tally.accepted += report.accepted
    this.tally.duplicate += report.duplicate
    this.tally.rejected += report.rejected.length + (report.omitted ?? 0)
    for (const { index, code, message } of report.rejected) {
      const event = events[index]
      if (event) aside(() => this.options.onRejected(event, { code, message }))
    }
  }

  /** Waits for what passes, sends less of what is too much, and gives up what will never be taken. */
  private async failed(events: readonly EventInput[], error: ClientError): Promise<void> {
    this.failures++
    const accident = error.status === 500 && this.failures <= ACCIDENTS_MAX
    if (error.passing || accident) {
      await pause(error.retryAfterMs ?? retryDelay(this.failures), this.closing.signal)
    } else if (error.status === 413 && events.length > 1) {
      this.batch = Math.ceil(events.length / 2)
    } else {
      this.failures = 0
      this.queue.splice(0, events.length)
      this.lose(events, error)
    }
  }

  private lose(events: readonly EventInput[], why: ClientError): void {
    this.tally.lost += events.length
    aside(() => this.options.onLost(events, why))
  }
}

type Answered = EventsReport & { readonly omitted?: number }

/** Calls the program's own function; an error of it is the program's, and stops no sending. */
function aside(call: () => void): void {
  queueMicrotask(call)
}
