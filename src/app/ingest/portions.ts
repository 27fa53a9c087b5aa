import { setImmediate as turn } from 'node:timers/promises'

/** Least time, in milliseconds, that taking in has before it is others' turn. */
const TURN_MS = 2
/** What it has beyond that, in parts of the time that others took: where turns are long it must not fall behind. */
const FAIR = 0.5
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
 * The share of the event loop that taking in has, whoever takes: many small batches that follow one another without a turn
 * in between hold up others as a big one does. A third of the time at most when others want the rest, and not less: a fixed
 * time for each turn would starve events where turns are long.
 */
class Share {
  private since = Number.NEGATIVE_INFINITY
  private ended = Number.NEGATIVE_INFINITY
  private ms = TURN_MS

  /** What begins later than at once after the work before begins in a turn of its own. */
  begin(): void {
    const now = performance.now()
    if (now - this.ended > AT_ONCE_MS) this.renew(now, TURN_MS)
  }

  end(): void {
    this.ended = performance.now()
  }

  isSpent(): boolean {
    return performance.now() - this.since >= this.ms
  }

  /** Others have had their turn since, and nobody else who waited for that has spent the share again. */
  async renewed(): Promise<void> {
    do {
      const spent = this.since
      const from = performance.now()
      await turn()
      const now = performance.now()
      if (this.since === spent) this.renew(now, Math.max(TURN_MS, FAIR * (now - from)))
    } while (this.isSpent())
  }

  private renew(now: number, ms: number): void {
    this.since = now
    this.ms = ms
  }
}

const share = new Share()
