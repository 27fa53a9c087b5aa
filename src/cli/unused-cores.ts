/** From so many cores on it pays to say that one alone makes slates. */
const CORES_LEAST = 4
/** Threads proposed at most: beyond, hold what they bring against what each takes of memory. */
const WORKERS_MOST = 8

/** What to say of the cores that make no slates; undefined where there is nothing to say. */
export function unusedCores(cores: number, workers: number): string | undefined {
  if (workers > 0 || cores < CORES_LEAST) return undefined
  const proposed = Math.min(WORKERS_MOST, cores - 1)
  return `One of ${cores} cores makes slates: "server: { workers: ${proposed} }" in the configuration has ${proposed} make them`
}
