import type { MetricSpec } from './contract.ts'

export const giniSpec: MetricSpec = {
  name: 'gini',
  better: 'lower',
  range: [0, 1],
  say: 'inequality of exposure over the whole catalogue: 0 all alike, 1 one item has all',
}

export interface GiniOptions {
  /** Times n / (n - 1): reaches 1 exactly when one item has everything, whatever the catalogue's size. */
  readonly corrected?: boolean
}

/**
 * Gini = sum of (2i - n - 1) x_i / (n sum x), x ascending, i from 1, over the whole catalogue. `exposures` may leave
 * out items that were never listed; they count as zeros up to `catalogue`. Null when nothing was exposed.
 * Beware of packages that return 1 - Gini under this name.
 * @throws RangeError for a negative exposure or more exposures than the catalogue has items
 */
export function gini(
  exposures: Iterable<number>,
  catalogue: number,
  { corrected = false }: GiniOptions = {},
): number | null {
  const x = Float64Array.from(exposures).sort()
  if (x.length > catalogue) throw new RangeError(`Cannot spread ${x.length} exposures over ${catalogue} items`)
  if (x.length > 0 && x[0] < 0) throw new RangeError(`Cannot count an exposure of ${x[0]}`)
  const zeros = catalogue - x.length
  let sum = 0
  let weighted = 0
  for (let i = 0; i < x.length; i++) {
    sum += x[i]
    weighted += (2 * (zeros + i + 1) - catalogue - 1) * x[i]
  }
  if (sum === 0) return null
  const value = weighted / (catalogue * sum)
  return corrected && catalogue > 1 ? (value * catalogue) / (catalogue - 1) : value
}
