import { setPriority } from 'node:os'

/** The lowest there is. */
const NICE = 19

/**
 * Gives this thread the lowest priority: what serves comes first. On Linux a thread has a priority of its own; elsewhere all
 * of the process would get this one, so there it keeps the one it has.
 */
export function lowestPriority(): void {
  if (process.platform === 'linux') setPriority(NICE)
}
