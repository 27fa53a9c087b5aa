import { distance } from '../foundation/base/index.ts'

/** Longest path that is compared; longer ones have no neighbours. */
const LENGTH_MAX = 200

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
