const table = Float64Array.from({ length: 4096 }, (_, n) => Math.log1p(n))

/** log(1 + n), looked up for small whole numbers: what counts become as features. */
export function logCount(n: number): number {
  return n < 4096 && Number.isInteger(n) ? table[n] : Math.log1p(n)
}
