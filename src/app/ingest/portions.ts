import { setImmediate as turn } from 'node:timers/promises'

/** Longest time, in milliseconds, for which taking in keeps the event loop from all others, but for the step under way. */
const TURN_MS = 2
/** What begins within so many milliseconds of the work before had no turn of others in between. */
const AT_ONCE_MS = 0.1
/** Values that are worked on together. */
export const PORTION = 50

/**
 * Works on a batch a portion at a time, in order, so that others have their turn in between; gives what each came to.
 * `from`: index of the portion's first value. When a portion fails no further one is begun, those under way are waited
 * for, and its error is thrown: what came before it stands. `atOnce`: most that wait for the disk at a time.
 */
export async function inPortions<T, R>(
  batch: readonly T[],
  atOnce: number,
  work: (portion: readonly T[], from: number) => Promise<R>,
): Promise<readonly R[]> {
  if (batch.length <= PORTION) return [await work(batch, 0)]
  const begun: Promise<R>[] = []
  let failed = false
  for (let from = 0; from < batch.length && !failed; from += PORTION) {
    share.begin()
    const one = work(batch.slice(from, from + PORTION), from)
    one.catch(() => {
      failed = true
    })
    begun.push(one)
    if (begun.length >= atOnce) await begun[begun.length - atOnce]?.catch(() => undefined)
    share.end()
    if (share.isSpent()) await share.renewed()
  }
  const ends = await Promise.allSettled(begun)
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason
    return end.value
  })
}

/** Takes steps in order, with a turn of the event loop for others whenever taking in has had its share. */
export async function inTurns(steps: Iterable<unknown>): Promise<void> {
  share.begin()
  try {
    for (const _ of steps) if (share.isSpent()) await share.renewed()
  } finally {
    share.end()
  }
}

/**
 * The share of a turn of the event loop that taking in has, whoever takes: many small batches that follow one another
 * without a turn in between hold up others as a big one does.
 */
class Share {
  private since = Number.NEGATIVE_INFINITY
  private ended = Number.NEGATIVE_INFINITY

  /** What begins later than at once after the work before begins in a turn of its own. */
  begin(): void {
    const now = performance.now()
    if (now - this.ended > AT_ONCE_MS) this.since = now
  }

  end(): void {
    this.ended = performance.now()
  }

  isSpent(): boolean {
    return performance.now() - this.since >= TURN_MS
  }

  /** Others have had their turn since, and nobody else who waited for that has spent the share again. */
  async renewed(): Promise<void> {
    do {
      const spent = this.since
      await turn()
      if (this.since === spent) this.since = performance.now()
    } while (this.isSpent())
  }
}

const share = new Share()
