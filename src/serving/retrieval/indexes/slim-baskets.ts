import type { Histories } from '../../../stream/features/index.ts'

/** Latest consumed items of a user that count: bounds the cost of one user at 80,000 pairs. */
export const USER_ITEMS_MAX = 400
/** Least users an item needs to be modelled. */
const USERS_LEAST = 2
/** Users looked at between two looks at the time. */
const USERS_PER_STEP = 256

/** The items that a model covers: their rows, ascending, and the place of each row among them, or -1. */
export interface Covered {
  readonly chosen: Uint32Array
  readonly placeOf: Int32Array
}

/** A user's consumed items that count for the model: the latest, without those dismissed. Gives their number. */
export function usersItems(histories: Histories, user: number, out: Uint32Array): number {
  const { consumed, dismissed } = histories
  const length = consumed.length(user)
  const waved = dismissed.length(user) > 0
  let count = 0
  for (let i = Math.max(0, length - out.length); i < length; i++) {
    const item = consumed.at(user, i)
    if (!waved || !dismissed.includes(user, item)) out[count++] = item
  }
  return count
}

/** The items that most users consumed, in small steps: it yields how many users it has looked at. */
export function* coveredItems(
  histories: Histories,
  users: number,
  rows: number,
  limit: number,
): Generator<number, Covered> {
  const own = new Uint32Array(USER_ITEMS_MAX)
  const popularity = new Uint32Array(rows)
  for (let user = 0; user < users; user++) {
    const count = usersItems(histories, user, own)
    for (let i = 0; i < count; i++) if (own[i] < rows) popularity[own[i]]++
    if (user % USERS_PER_STEP === USERS_PER_STEP - 1) yield user
  }
  const chosen = mostConsumed(popularity, limit)
  const placeOf = new Int32Array(rows).fill(-1)
  chosen.forEach((row, place) => {
    placeOf[row] = place
  })
  return { chosen, placeOf }
}

/** What each user consumed of the covered items: places, ascending. A view: valid until the next. */
export function* basketsOf(histories: Histories, users: number, { placeOf }: Covered): Generator<Uint32Array> {
  const own = new Uint32Array(USER_ITEMS_MAX)
  for (let user = 0; user < users; user++) {
    const count = usersItems(histories, user, own)
    let kept = 0
    for (let i = 0; i < count; i++) {
      const place = own[i] < placeOf.length ? placeOf[own[i]] : -1
      if (place >= 0) own[kept++] = place
    }
    yield own.subarray(0, kept).sort()
  }
}

/**
 * Rows with at least two users, those with most users, ties by row; in row order, so that near rows lie near. By a
 * histogram of the numbers of users: linear, since sorting 100,000 rows would hold up requests.
 */
function mostConsumed(popularity: Uint32Array, limit: number): Uint32Array {
  let most = 0
  for (let row = 0; row < popularity.length; row++) if (popularity[row] > most) most = popularity[row]
  const having = new Uint32Array(most + 2) // rows by their number of users
  for (let row = 0; row < popularity.length; row++) having[popularity[row]]++
  let least = most + 1
  let above = 0 // rows with `least` users or more
  while (least > USERS_LEAST && above + having[least - 1] <= limit) above += having[--least]
  let atBorder = least > USERS_LEAST ? limit - above : 0 // rows with one user less that still fit
  const rows: number[] = []
  for (let row = 0; row < popularity.length; row++) {
    const users = popularity[row]
    if (users >= least || (users === least - 1 && atBorder-- > 0)) rows.push(row)
  }
  return Uint32Array.from(rows)
}
