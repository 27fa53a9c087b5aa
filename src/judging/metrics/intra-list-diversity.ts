import { checkK, type MetricSpec } from './contract.ts'

export const ildSpec: MetricSpec = {
  name: 'ild',
  better: 'higher',
  range: [0, 2],
  say: 'mean distance (1 - cosine) between two items of the first k',
}

/**
 * ILD@k = mean over pairs in the first k of 1 - similarity(a, b) (Ziegler et al., WWW'05), similarity being a cosine.
 * Null for fewer than two items: a list of one is neither alike nor diverse.
 */
export function intraListDiversity<Id>(
  ranked: ArrayLike<Id>,
  k: number,
  similarity: (a: Id, b: Id) => number,
): number | null {
  checkK(k)
  const n = Math.min(k, ranked.length)
  if (n < 2) return null
  let sum = 0
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) sum += 1 - similarity(ranked[i], ranked[j])
  return sum / ((n * (n - 1)) / 2)
}

/** Cosine of two vectors; 0 when one of them is all zeros. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let dot = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i]
    aa += a[i] * a[i]
    bb += b[i] * b[i]
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb)
}
