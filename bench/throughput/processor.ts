import { readdirSync, readFileSync } from 'node:fs'

/**
 * Milliseconds that each thread of a process has run, on Linux: what a step would take on a quiet machine is what its
 * busiest thread ran, whatever else the machine did meanwhile. Undefined elsewhere.
 */
export function threadTimes(pid: number): ReadonlyMap<string, number> | undefined {
  const folder = `/proc/${pid}/task`
  try {
    return new Map(readdirSync(folder).map((thread) => [thread, nanoseconds(`${folder}/${thread}/schedstat`) / 1e6]))
  } catch {
    return undefined
  }
}

/** What the busiest thread ran between two looks. */
export function busiest(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  let most = 0
  for (const [thread, ms] of after) most = Math.max(most, ms - (before.get(thread) ?? 0))
  return most
}

function nanoseconds(path: string): number {
  return Number(readFileSync(path, 'utf8').split(' ')[0])
}
