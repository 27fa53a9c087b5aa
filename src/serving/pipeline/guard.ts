import type { Clock } from '../../foundation/base/index.ts'
import { Breaker, type BreakerOptions, type BreakerState, type Call } from '../../foundation/resilience/index.ts'
import type { StageStatus } from '../../domain/index.ts'

/** What came of a stage: how it went and, when it did not go well, why. */
export interface Done {
  readonly status: StageStatus
  readonly note?: string
}

/** With `value` when there is an answer: always for `ok`, for `late` when it came after its time but is there. */
export interface Answer<T> extends Done {
  readonly value?: T
}

/** Short waits: a request has a hundred milliseconds, and a viewer who comes back in four seconds should notice nothing. */
const BREAKER: BreakerOptions = { coolMs: 250, coolMsMax: 4_000 }

/**
 * One dependency of the request path behind its deadline and its breaker. A call never throws and is never waited for
 * beyond its time; what keeps failing is left alone until a probe succeeds.
 */
export class Guard {
  private readonly clock: Clock
  private readonly breaker: Breaker

  constructor(clock: Clock) {
    this.clock = clock
    this.breaker = new Breaker(clock, BREAKER)
  }

  get state(): BreakerState {
    return this.breaker.state
  }

  /**
   * Work that answers at once is used although it overran its time: it is there. A promise is waited for until the
   * time is up; what it writes afterwards must be of no effect, so give it arrays of its own.
   */
  async call<T>(work: () => T | Promise<T>, ms: number): Promise<Answer<T>> {
    if (!(ms > 0)) return { status: 'skipped', note: 'the time was spent' }
    const asked = this.breaker.enter()
    if (!asked) return { status: 'skipped', note: 'it failed too often a moment ago' }
    const start = this.clock.ticks()
    try {
      const given = work()
      const value = given instanceof Promise ? await orLate(given, ms) : given
      if (value === LATE) return failed(asked, 'late', 'no answer in time')
      const took = this.clock.ticks() - start
      asked.succeeded()
      return { status: took >= ms ? 'late' : 'ok', value }
    } catch (error) {
      const note = error instanceof Error ? error.message : String(error)
      return failed(asked, 'failed', note)
    }
  }
}

function failed(asked: Call, status: StageStatus, note: string): Done {
  asked.failed()
  return { status, note }
}

const LATE = Symbol('late')

/**
 * A promise, or LATE when the time is up first. A late failure is swallowed: it was reported as late. When other work has
 * held the thread, the time is up before work in this process had its turn: it gets that turn, and is late after it.
 */
async function orLate<T>(promise: Promise<T>, ms: number): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => setImmediate(() => resolve(LATE)), Math.max(0, ms))
  })
  promise.catch(() => undefined)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
