/**
 * Jensen-Shannon distance in nats: the root of (KL(p || m) + KL(q || m)) / 2 with m the mean of p and q (Endres and
 * Schindelin 2003). A metric; at most sqrt(ln 2) = 0.8326. A share of 0 is allowed.
 * @throws RangeError for lengths that differ
 */
export function jensenShannon(p: ArrayLike<number>, q: ArrayLike<number>): number {
  if (p.length !== q.length) throw new RangeError(`Cannot hold ${q.length} shares against ${p.length}`)
  let sum = 0
  for (let b = 0; b < p.length; b++) {
    const mean = (p[b] + q[b]) / 2
    if (p[b] > 0) sum += p[b] * Math.log(p[b] / mean)
    if (q[b] > 0) sum += q[b] * Math.log(q[b] / mean)
  }
  return Math.sqrt(Math.max(0, sum / 2))
}
