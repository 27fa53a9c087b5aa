import { type Clock, type Deadline, systemClock } from '../../foundation/base/index.ts'
import { Breaker } from '../../foundation/resilience/index.ts'
import type { Candidates } from './candidates.ts'
import type { Retrieved, Source } from './contracts.ts'
import { merge } from './merge.ts'
import type { SourceReport } from './outcome.ts'
import type { Query } from './query.ts'

const LATE = Symbol('late')

/** The sources of a pipeline, each behind a breaker: one that keeps failing is left alone until it recovers. */
export class Retrieval {
  private readonly sources: ReadonlyMap<string, { source: Source; breaker: Breaker }>
  private readonly clock: Clock

  constructor(sources: Readonly<Record<string, Source>>, clock: Clock = systemClock) {
    this.clock = clock
    this.sources = new Map(
      Object.entries(sources).map(([name, source]) => [name, { source, breaker: new Breaker(clock) }]),
    )
  }

  /**
   * Asks all sources of the surface at once, under one budget and each under its own, and merges what came in time.
   * In-process sources answer at once; one that took longer than its budget is reported late but its answer, being
   * there, is used. When the common budget is spent the sources not yet asked are skipped.
   */
  async ask(query: Query, deadline: Deadline): Promise<{ merged: Candidates; reports: SourceReport[] }> {
    const names = Object.keys(query.plan.sources).filter((name) => this.sources.has(name))
    const answers = await Promise.all(names.map((name) => this.askOne(name, query, deadline)))
    const weights = names.map((name) => query.plan.sources[name]?.weight ?? 0)
    const lists = answers.map((answer) => answer.list)
    return { merged: merge(names, lists, weights), reports: answers.map((answer) => answer.report) }
  }

  private async askOne(name: string, query: Query, deadline: Deadline): Promise<Answer> {
    const held = this.sources.get(name)
    const use = query.plan.sources[name]
    if (!held || !use) return skipped(name, 'it is not configured')
    if (deadline.expired) return skipped(name, 'the time for retrieval was spent')
    if (!held.breaker.allows()) return skipped(name, 'it failed too often a moment ago')
    const own = deadline.within(use.budgetMs ?? Number.POSITIVE_INFINITY)
    const start = this.clock.ticks()
    const report = (status: SourceReport['status'], count: number, note?: string): SourceReport => {
      const ms = this.clock.ticks() - start
      return note === undefined ? { name, status, ms, count } : { name, status, ms, count, note }
    }
    try {
      const given = held.source.retrieve(query, use.limit, own)
      const list = given instanceof Promise ? await orLate(given, own.remaining()) : given
      if (list === LATE) {
        held.breaker.failed()
        return { list: undefined, report: report('late', 0, 'no answer in time') }
      }
      held.breaker.succeeded()
      return { list, report: report(own.expired ? 'late' : 'ok', list.rows.length) }
    } catch (error) {
      held.breaker.failed()
      return { list: undefined, report: report('failed', 0, error instanceof Error ? error.message : String(error)) }
    }
  }
}

interface Answer {
  readonly list: Retrieved | undefined
  readonly report: SourceReport
}

function skipped(name: string, note: string): Answer {
  return { list: undefined, report: { name, status: 'skipped', ms: 0, count: 0, note } }
}

/**
 * A promise, or LATE when the time is up first. A late failure is swallowed: it was reported as late. When other work has
 * held the thread, the time is up before a source in this process had its turn: it gets that turn, and is late after it.
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
