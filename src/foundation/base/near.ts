/** Longest name that is compared; longer ones are near nothing. */
const LENGTH_MAX = 64
/** Most known names that a sentence lists. */
const LISTED_MAX = 24

/** Edit distance: insertions, deletions, replacements and swaps of two neighbours, each 1 (optimal string alignment). */
export function distance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
      if (swapped) next[j] = Math.min(next[j] as number, (before[j - 2] as number) + 1)
    }
    before = row
    row = next
  }
  return row[b.length] as number
}

/** The known name that a misspelt one most likely means, the first of equals: a third of its letters may differ. */
export function meant(name: string, known: readonly string[]): string | undefined {
  if (name.length > LENGTH_MAX) return undefined
  let best: string | undefined
  let least = Math.max(1, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= least) continue
    const cost = distance(name.toLowerCase(), candidate.toLowerCase())
    if (cost >= least) continue
    best = candidate
    least = cost
  }
  return best
}

/** The way out of a misspelt name, to end a sentence with: `did you mean "limit"? Known: limit, needs`. */
export function knownNames(name: string, known: readonly string[]): string {
  const near = meant(name, known)
  const more = known.length > LISTED_MAX ? ` and ${known.length - LISTED_MAX} more` : ''
  const listed = `${known.slice(0, LISTED_MAX).join(', ') || 'none'}${more}`
  return near === undefined ? `known: ${listed}` : `did you mean "${near}"? Known: ${listed}`
}
