import { type Clock, type Deadline, systemClock } from '../../foundation/base/index.ts'
import type { Candidates } from './candidates.ts'
import type { Retrieved, Source } from './contracts.ts'
import { merge } from './merge.ts'
import type { SourceReport } from './outcome.ts'
import type { Query } from './query.ts'

const LATE = Symbol('late')

/**
 * Asks all sources of the surface at once, under one budget and each under its own, and merges what came in time.
 * In-process sources answer at once; one that took longer than its budget is reported late but its answer, being
 * there, is used. When the common budget is spent the sources not yet asked are skipped.
 */
export async function retrieve(
  query: Query,
  sources: Readonly<Record<string, Source>>,
  deadline: Deadline,
  clock: Clock = systemClock,
): Promise<{ merged: Candidates; reports: SourceReport[] }> {
  const names = Object.keys(query.plan.sources).filter((name) => sources[name] !== undefined)
  const reports: SourceReport[] = new Array(names.length)
  const lists = await Promise.all(
    names.map(async (name, index): Promise<Retrieved | undefined> => {
      const use = query.plan.sources[name]
      if (use === undefined) return undefined
      if (deadline.expired) {
        reports[index] = { name, status: 'skipped', ms: 0, count: 0, note: 'the time for retrieval was spent' }
        return undefined
      }
      const own = deadline.within(use.budgetMs ?? Number.POSITIVE_INFINITY)
      const start = clock.ticks()
      try {
        const given = (sources[name] as Source).retrieve(query, use.limit, own)
        const list = given instanceof Promise ? await orLate(given, own.remaining()) : given
        const ms = clock.ticks() - start
        if (list === LATE) {
          reports[index] = { name, status: 'late', ms, count: 0, note: 'no answer in time' }
          return undefined
        }
        reports[index] = { name, status: own.expired ? 'late' : 'ok', ms, count: list.rows.length }
        return list
      } catch (error) {
        const note = error instanceof Error ? error.message : String(error)
        reports[index] = { name, status: 'failed', ms: clock.ticks() - start, count: 0, note }
        return undefined
      }
    }),
  )
  const weights = names.map((name) => query.plan.sources[name]?.weight ?? 0)
  return { merged: merge(names, lists, weights), reports }
}

/** A promise, or LATE when the time is up first. A late failure is swallowed: it was reported as late. */
async function orLate<T>(promise: Promise<T>, ms: number): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), Math.max(0, ms))
  })
  promise.catch(() => undefined)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
