import type { MetricSpec } from './contract.ts'

export const entropySpec: MetricSpec = {
  name: 'entropy',
  better: 'higher',
  range: [0, Number.POSITIVE_INFINITY],
  say: 'Shannon entropy of exposure over items, in bits',
}

/** -sum p log2 p with p = exposure / all exposures; zeros add nothing. Null when nothing was exposed. Shannon 1948. */
export function entropy(exposures: Iterable<number>): number | null {
  let sum = 0
  let weighted = 0
  for (const x of exposures) {
    if (x < 0) throw new RangeError(`Cannot count an exposure of ${x}`)
    if (x === 0) continue
    sum += x
    weighted += x * Math.log2(x)
  }
  return sum === 0 ? null : Math.log2(sum) - weighted / sum
}
