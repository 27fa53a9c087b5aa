/**
 * The mean of a Beta posterior: (a + s) / (a + b + n), with the prior given by its mean and weight: a = prior x weight,
 * a + b = weight. More successes than trials (an action whose impression was not logged) count as as many trials, so
 * the rate stays in 0..1.
 */
export function smoothedRate(successes: number, trials: number, prior: number, weight: number): number {
  return (prior * weight + successes) / (weight + Math.max(successes, trials))
}

/** A mean drawn to the prior as if `weight` more values had been equal to it. The sum may be negative. */
export function smoothedMean(sum: number, count: number, prior: number, weight: number): number {
  return (prior * weight + sum) / (weight + count)
}
