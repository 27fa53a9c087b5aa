import type { Random } from '../../foundation/base/index.ts'

/**
 * Arrivals of a Poisson process: milliseconds from the start, ascending, below `seconds`. The gaps are exponential
 * with mean 1/rate, as when many viewers act independently of each other and of how fast the server answers.
 */
export function* poissonArrivals(random: Random, rate: number, seconds: number): Generator<number> {
  if (!(rate > 0)) return
  for (let at = random.exponential(1000 / rate); at < seconds * 1000; at += random.exponential(1000 / rate)) yield at
}
