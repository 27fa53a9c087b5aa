import { setTimeout as sleep } from 'node:timers/promises'
import type { WriteSide } from '../../foundation/base/index.ts'
import type { Access } from '../ingest/writer.ts'

/** Longest time for which readers are kept out in one go. */
const HOLD_MS = 4
/** Least time for which they are let in then: what comes meanwhile is done together. */
const REST_MS = 10
/** A reader who is in for longer than this does not come out any more. */
export const STUCK_MS = 10_000

interface Job {
  readonly since: number
  begun: boolean
  readonly steps: Iterator<unknown>
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

export interface AccessParts {
  readonly side: WriteSide
  /** Called after changes, while nobody reads: hands out the arrays that were replaced. */
  readonly renew: () => void
  /** Is told, in milliseconds, how long a change waited for its first step, and for how long readers were kept out. */
  readonly told: { waited(ms: number): void; held(ms: number): void }
  /** Is told of a reader who does not come out. */
  readonly stuck: (reader: number) => void
}

/** Changes the state that other threads read, in small lots: takes the write side, does what waits, lets the readers in. */
export class SharedAccess implements Access {
  private readonly parts: AccessParts
  private readonly jobs: Job[] = []
  private working: Promise<void> | undefined
  private gaveAt = Number.NEGATIVE_INFINITY

  constructor(parts: AccessParts) {
    this.parts = parts
  }

  change(steps: Iterable<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      const since = performance.now()
      this.jobs.push({ since, begun: false, steps: steps[Symbol.iterator](), done: resolve, failed: reject })
      this.working ??= this.work()
    })
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.working) await this.working
  }

  private async work(): Promise<void> {
    const { side, renew, stuck, told } = this.parts
    while (this.jobs.length > 0) {
      const rest = this.gaveAt + REST_MS - performance.now()
      if (rest > 0) await sleep(rest)
      await side.take(STUCK_MS, stuck)
      const taken = performance.now()
      const ended: (() => void)[] = []
      try {
        this.lot(taken, ended)
      } finally {
        renew() // arrays that grew must be handed out whatever happened
        side.give()
      }
      this.gaveAt = performance.now()
      told.held(this.gaveAt - taken)
      for (const tell of ended) tell()
    }
    this.working = undefined
  }

  /** Does steps of the jobs in turn until the time is up; what ended is told when the readers are let in. */
  private lot(taken: number, ended: (() => void)[]): void {
    const until = taken + HOLD_MS
    for (let job = this.jobs[0]; job && performance.now() < until; job = this.jobs[0]) {
      const { steps, done, failed } = job
      if (!job.begun) {
        job.begun = true
        this.parts.told.waited(performance.now() - job.since)
      }
      try {
        if (!steps.next().done) continue
        ended.push(done)
      } catch (error) {
        ended.push(() => failed(error))
      }
      this.jobs.shift()
    }
  }
}
