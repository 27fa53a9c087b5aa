/** Longest path that is compared; longer ones have no neighbours. */
const LENGTH_MAX = 200

/** Edit distance of Levenshtein: insertions, deletions and replacements, each 1. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}

/** The few paths that look most like the one asked for; a parameter matches any part. */
export function nearest(path: string, paths: readonly string[], count = 3): string[] {
  if (path.length > LENGTH_MAX) return paths.slice(0, count)
  const parts = path.split('/')
  const filled = (pattern: string) =>
    pattern
      .split('/')
      .map((part, index) => (part.startsWith(':') ? parts[index] || part : part))
      .join('/')
  return paths
    .map((pattern) => ({ pattern, cost: distance(path, filled(pattern)) }))
    .sort((a, b) => a.cost - b.cost || (a.pattern < b.pattern ? -1 : 1))
    .slice(0, count)
    .map(({ pattern }) => pattern)
}
