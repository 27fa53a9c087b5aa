import type { Sequences } from '../../../stream/samples/index.ts'
import { days } from '../days.ts'

/** When histories came about and items came out, in days: what was not there yet is no negative. */
export interface Times {
  /** [places] when each item was consumed. */
  readonly at: Float32Array
  /** [items] since when each is there; -Infinity: all the time. Not after its first learnt consumption. */
  readonly since: Float32Array
}

/**
 * An item is there since it came out, or since it was first consumed, whichever is earlier. One that nobody knows the
 * date of, or that is not learnt, counts as there all the time: of what is never wanted nothing can be learnt but that.
 * Undefined when nothing came out after the first consumption: then all of this changes nothing.
 *
 * @param validFrom [users] the places before are learnt
 * @param published when an item of a row came out, milliseconds since 1970; NaN when nobody knows. `met`: its first learnt
 * consumption
 */
export function timesOf(
  { users, items, starts, item, at }: Omit<Sequences, 'near'>,
  validFrom: Uint32Array,
  published: (row: number, met: number) => number,
): Times | undefined {
  const first = new Float64Array(items).fill(Number.POSITIVE_INFINITY)
  for (let user = 0; user < users; user++) {
    for (let place = starts[user]; place < validFrom[user]; place++) {
      first[item[place]] = Math.min(first[item[place]], at[place])
    }
  }
  const since = Float32Array.from(first, (met, row) => {
    const out = published(row, met)
    return met === Number.POSITIVE_INFINITY || Number.isNaN(out) ? Number.NEGATIVE_INFINITY : days(Math.min(out, met))
  })
  const begin = days(first.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY))
  if (!since.some((out) => out > begin)) return undefined
  return { at: Float32Array.from(at, days), since }
}

/** Was an item there when the one at a place was consumed? */
export function thereAt(times: Times | undefined, place: number): (item: number) => boolean {
  if (times === undefined) return () => true
  const { since } = times
  const at = times.at[place]
  return (item) => since[item] <= at
}
