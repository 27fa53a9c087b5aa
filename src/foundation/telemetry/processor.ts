import { readFileSync } from 'node:fs'

/** What the scheduler says of the thread that serves, in seconds since the process began. */
export interface ProcessorTimes {
  /** It ran on a core. */
  readonly ran: number
  /** It had work and no core was given to it: others had them all, or a container had used up its share. */
  readonly waited: number
}

const NANOSECONDS = 1e9

/** Of the first thread of this process; undefined where nobody says, as elsewhere than on Linux. */
export function processorTimes(
  read = () => readFileSync('/proc/self/schedstat', 'latin1'),
): ProcessorTimes | undefined {
  try {
    const [ran = 0, waited = 0] = read().split(' ').map(Number)
    return ran > 0 && waited >= 0 ? { ran: ran / NANOSECONDS, waited: waited / NANOSECONDS } : undefined
  } catch {
    return undefined
  }
}
