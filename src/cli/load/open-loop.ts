import type { Clock } from '../../foundation/base/index.ts'

export interface OpenLoopOptions {
  readonly clock: Clock
  /** Requests under way at once. More wait, and their wait counts. */
  readonly inFlightMax: number
  /** Requests that may wait; more are dropped, and counted. */
  readonly waitingMax: number
  readonly signal: AbortSignal
  /** Moment that arrivals count from, in ticks. Default: now. */
  readonly start?: number
  /** Told for each arrival how late it was noticed, in milliseconds: the generator's own fault, not the server's. */
  onArrival(due: number, lateMs: number): void
  /** Told for each arrival that found everything full. */
  onDropped(due: number): void
}

/** The last stretch before a due time is spent turning the event loop: timers are only good to a millisecond. */
const TURNING_MS = 1.5
/** Between two turns there is a nap: the server needs the processor more. It may delay what is measured by as much. */
const NAP_MS = 0.1
const pillow = new Int32Array(new SharedArrayBuffer(4))

/**
 * Sends at the due times (milliseconds from the start), whatever became of the requests before: an open loop. `send` gets
 * the moment it was *due* (in ticks) and must count latency from there; a server that stalls then pays for all
 * that would have come meanwhile (no coordinated omission). Resolves when the last answer is in. `send` must not reject.
 */
export async function openLoop(
  arrivals: Iterable<number>,
  send: (due: number) => Promise<void>,
  { clock, inFlightMax, waitingMax, signal, start = clock.ticks(), onArrival, onDropped }: OpenLoopOptions,
): Promise<void> {
  const waiting: number[] = []
  let inFlight = 0
  let idle: () => void = () => undefined
  let broken: { readonly reason: unknown } | undefined

  const launch = (due: number) => {
    inFlight++
    void send(due)
      .catch((reason: unknown) => {
        broken ??= { reason }
      })
      .then(() => {
        inFlight--
        const next = broken ? undefined : waiting.shift()
        if (next !== undefined) launch(next)
        else if (inFlight === 0) idle()
      })
  }

  for (const offset of arrivals) {
    const due = start + offset
    while (!signal.aborted && clock.ticks() < due) await pause(due - clock.ticks())
    if (signal.aborted || broken) break
    onArrival(due, clock.ticks() - due)
    if (inFlight < inFlightMax) launch(due)
    else if (waiting.length < waitingMax) waiting.push(due)
    else onDropped(due)
  }
  if (signal.aborted) waiting.length = 0
  if (inFlight > 0) {
    await new Promise<void>((done) => {
      idle = done
    })
  }
  if (broken) throw broken.reason
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => {
    if (ms > TURNING_MS) setTimeout(done, Math.floor(ms - TURNING_MS))
    else
      setImmediate(() => {
        Atomics.wait(pillow, 0, 0, Math.min(NAP_MS, ms))
        done()
      })
  })
}
