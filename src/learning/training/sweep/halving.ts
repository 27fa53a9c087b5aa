/** Of so many trials one goes on to the next rung. */
export const ETA = 3
const RUNGS_MAX = 3

/**
 * Rungs of successive halving (Jamieson and Talwalkar 2016): all trials on a small share of the data, the best third of
 * them on three times as much, and so on to the whole. Few trials have few rungs.
 */
export function rungsOf(trials: number): { readonly share: number; readonly trials: number }[] {
  const count = Math.min(RUNGS_MAX, 1 + Math.floor(Math.log(trials) / Math.log(ETA) + 1e-9))
  return Array.from({ length: count }, (_, rung) => ({
    share: ETA ** (rung - count + 1),
    trials: Math.ceil(trials / ETA ** rung),
  }))
}

/** The trials that go on: the best by value, ties by number; those without a value come last and never go on. */
export function promoted(values: ReadonlyMap<number, number | null>, count: number): number[] {
  return [...values]
    .filter((pair): pair is [number, number] => pair[1] !== null && Number.isFinite(pair[1]))
    .sort(([a, x], [b, y]) => y - x || a - b)
    .slice(0, count)
    .map(([trial]) => trial)
    .sort((a, b) => a - b)
}
