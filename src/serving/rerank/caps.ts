/** Caps hold for every run of this many positions. */
export const CAP_SPAN = 10

const NONE: ReadonlySet<number> = new Set()

/**
 * Keys (creators, categories) that are full: one more at each of the `open` positions would put more than `cap` of
 * them into some ten positions in a row. Keys that are nowhere near yet are not full: more open positions within ten
 * than the cap allows could still break it. `slate` holds a candidate per position, or -1; `keysOf` gives its keys.
 */
export function fullKeys(
  slate: Int32Array,
  open: readonly number[],
  keysOf: (candidate: number) => ArrayLike<number>,
  cap: number,
): ReadonlySet<number> {
  if (cap >= CAP_SPAN || open.length === 0) return NONE
  const first = Math.max(0, Math.min(...open) - CAP_SPAN + 1)
  const last = Math.max(...open)
  // Mostly nothing is near its cap anywhere around: one count of the whole stretch then spares those of its runs.
  const near = overfull(slate, first, last + CAP_SPAN, open.length, keysOf, cap)
  if (near.size === 0) return NONE
  const full = new Set<number>()
  for (let start = first; start <= last; start++) {
    const end = start + CAP_SPAN
    const more = open.filter((position) => position >= start && position < end).length
    if (more > 0) for (const key of overfull(slate, start, end, more, keysOf, cap)) full.add(key)
  }
  return full
}

/** Keys on the slate from `start` to before `end` of which `more` would be more than `cap`. */
function overfull(
  slate: Int32Array,
  start: number,
  end: number,
  more: number,
  keysOf: (candidate: number) => ArrayLike<number>,
  cap: number,
): ReadonlySet<number> {
  const counts = new Map<number, number>()
  const over = new Set<number>()
  for (let position = start; position < Math.min(end, slate.length); position++) {
    if (slate[position] < 0) continue
    const keys = keysOf(slate[position])
    for (let k = 0; k < keys.length; k++) {
      const count = (counts.get(keys[k]) ?? 0) + 1
      counts.set(keys[k], count)
      if (count + more > cap) over.add(keys[k])
    }
  }
  return over
}

/**
 * How far the caps must give way for a candidate: 0 not at all, 1 the category cap, 2 the creator cap too. An item of
 * unknown creator or without a category is bound by neither.
 */
export function relaxationFor(
  creators: ArrayLike<number>,
  categories: ArrayLike<number>,
  fullCreators: ReadonlySet<number>,
  fullCategories: ReadonlySet<number>,
): 0 | 1 | 2 {
  if (fullCreators.size > 0 && hasAny(creators, fullCreators)) return 2
  return fullCategories.size > 0 && hasAny(categories, fullCategories) ? 1 : 0
}

function hasAny(keys: ArrayLike<number>, full: ReadonlySet<number>): boolean {
  for (let k = 0; k < keys.length; k++) if (full.has(keys[k])) return true
  return false
}
