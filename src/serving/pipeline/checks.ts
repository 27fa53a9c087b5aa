import { type Reason, reasonNames } from '../../domain/index.ts'
import type { Candidates } from './candidates.ts'
import type { Check, Filter } from './contracts.ts'
import type { Query } from './query.ts'

/** The check of a filter that has nothing to say about this request; it is not asked. */
export const stays: Check = () => 0

/** All filters as one check: the first reason found, in the order of the filters. */
export function checkOf(filters: readonly Filter[], query: Query): Check {
  const checks = filters.map((filter) => filter.prepare(query)).filter((check) => check !== stays)
  return (row) => {
    for (const check of checks) {
      const reason = check(row)
      if (reason !== 0) return reason
    }
    return 0
  }
}

/** What policy says, whatever is asked: filters of it look at the viewer and the moment alone. */
export function policyOf(filters: readonly Filter[], asked: Pick<Query, 'viewer' | 'at'>): Check {
  const policies = filters.filter(({ policy }) => policy)
  return checkOf(policies, asked as Query)
}

/** Counts removals by reason. */
export class Removals {
  private readonly counts = new Uint32Array(reasonNames.length + 1)

  add(reason: number): void {
    this.counts[reason]++
  }

  report(): Partial<Record<Reason, number>> {
    const report: Partial<Record<Reason, number>> = {}
    reasonNames.forEach((name, index) => {
      const count = this.counts[index + 1]
      if (count > 0) report[name] = count
    })
    return report
  }
}

/** Indices of the candidates that pass, in order; removals are counted. */
export function passing({ rows, count }: Candidates, check: Check, removals: Removals): Uint32Array {
  const kept = new Uint32Array(count)
  let to = 0
  for (let i = 0; i < count; i++) {
    const reason = check(rows[i])
    if (reason === 0) kept[to++] = i
    else removals.add(reason)
  }
  return kept.subarray(0, to)
}
