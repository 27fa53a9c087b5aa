import type { Histories } from '../../../stream/features/index.ts'
import { CoOccurrence, DENSE_MAX } from './cooccurrence.ts'
import { solveRidge } from './ridge.ts'

/** Latest consumed items of a user that count: bounds the cost of one user at 80,000 pairs. */
export const USER_ITEMS_MAX = 400
/** Least users an item needs to be modelled. */
const USERS_LEAST = 2
/** Users counted between two looks at the time. */
const USERS_PER_STEP = 4

export interface SlimOptions {
  readonly items: number
  readonly support: number
  readonly ridge: number
}

/** The model by source item: the weights of `source` are the cells from starts[place] to starts[place + 1]. */
export interface SlimModel {
  /** Place of an item row in the model, or -1. */
  readonly placeOf: Int32Array
  readonly starts: Uint32Array
  /** Item rows, and what one consumption of the source adds to their score. */
  readonly targets: Uint32Array
  readonly weights: Float32Array
}

export interface SlimProgress {
  readonly phase: 'counting' | 'solving'
  readonly done: number
  readonly total: number
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

/**
 * Learns the model in small steps: it yields after at most a few hundred thousand operations. Column j is the ridge
 * regression of item j's consumption on that of its `support` nearest neighbours by cosine (fsSLIM: Ning and Karypis,
 * ICDM 2011), with the l2 loss of EASE (Steck, WWW 2019). With all other items as support it is EASE's column:
 * B_ij = -P_ij / P_jj, P = (X'X + ridge I)^-1. What users do meanwhile may or may not be counted.
 */
export function* buildSlim(
  histories: Histories,
  users: number,
  rows: number,
  options: SlimOptions,
): Generator<SlimProgress, SlimModel> {
  const own = new Uint32Array(USER_ITEMS_MAX)
  const popularity = new Uint32Array(rows)
  for (let user = 0; user < users; user++) {
    const count = usersItems(histories, user, own)
    for (let i = 0; i < count; i++) if (own[i] < rows) popularity[own[i]]++
    if (user % 256 === 255) yield { phase: 'counting', done: user / 2, total: users }
  }
  const chosen = mostConsumed(popularity, Math.min(options.items, DENSE_MAX))
  const size = chosen.length
  const placeOf = new Int32Array(rows).fill(-1)
  chosen.forEach((row, place) => {
    placeOf[row] = place
  })
  yield { phase: 'counting', done: users / 2, total: users }

  const both = new CoOccurrence(size, users)
  for (let user = 0; user < users; user++) {
    const count = usersItems(histories, user, own)
    let kept = 0
    for (let i = 0; i < count; i++) {
      const place = own[i] < rows ? placeOf[own[i]] : -1
      if (place >= 0) own[kept++] = place
    }
    both.add(own.subarray(0, kept).sort(), kept)
    if (user % USERS_PER_STEP === 0) yield { phase: 'counting', done: (users + user) / 2, total: users }
  }

  const support = Math.min(options.support, Math.max(0, size - 1))
  const from = new Uint32Array(size * support) // [target x support] source places
  const solved = new Float32Array(size * support)
  const given = new Uint32Array(size + 1)
  const column = new Float64Array(size)
  const matrix = new Float64Array(support * support)
  const vector = new Float64Array(support)
  const nearest = new Nearest(support)
  const usersOf = new Float64Array(size)
  for (let place = 0; place < size; place++) usersOf[place] = both.get(place, place)
  yield { phase: 'solving', done: 0, total: size }
  for (let target = 0; target < size; target++) {
    both.column(target, column)
    const count = nearest.of(column, target, usersOf)
    const near = nearest.places
    for (let i = 0; i < count; i++) {
      vector[i] = column[near[i]]
      for (let j = 0; j <= i; j++) matrix[i * count + j] = both.get(near[i], near[j])
    }
    if (solveRidge(matrix, vector, count, options.ridge)) {
      for (let i = 0; i < count; i++) {
        from[target * support + i] = near[i]
        solved[target * support + i] = vector[i]
        if (vector[i] !== 0) given[near[i]]++
      }
    }
    yield { phase: 'solving', done: target + 1, total: size }
  }

  const starts = new Uint32Array(size + 1)
  for (let place = 0; place < size; place++) starts[place + 1] = starts[place] + given[place]
  const next = starts.slice()
  const targets = new Uint32Array(starts[size])
  const weights = new Float32Array(starts[size])
  for (let target = 0; target < size; target++) {
    for (let cell = target * support; cell < (target + 1) * support; cell++) {
      if (solved[cell] === 0) continue
      const at = next[from[cell]]++
      targets[at] = chosen[target]
      weights[at] = solved[cell]
    }
    if (target % 256 === 255) yield { phase: 'solving', done: size, total: size }
  }
  return { placeOf, starts, targets, weights }
}

/**
 * Rows with at least two users, those with most users, ties by row; in row order, so that near rows lie near. By a
 * histogram of the numbers of users: linear, since sorting 100,000 rows would hold up requests.
 */
function mostConsumed(popularity: Uint32Array, limit: number): Uint32Array {
  const most = popularity.reduce((high, users) => Math.max(high, users), 0)
  const having = new Uint32Array(most + 2) // rows by their number of users
  for (const users of popularity) having[users]++
  let least = most + 1
  let above = 0 // rows with `least` users or more
  while (least > USERS_LEAST && above + having[least - 1] <= limit) above += having[--least]
  let atBorder = least > USERS_LEAST ? limit - above : 0 // rows with one user less that still fit
  const rows: number[] = []
  popularity.forEach((users, row) => {
    if (users >= least || (users === least - 1 && atBorder-- > 0)) rows.push(row)
  })
  return Uint32Array.from(rows)
}

/** The places with the largest cosine to a target, best first by a heap; ties by place. */
class Nearest {
  readonly places: Uint32Array
  private readonly scores: Float64Array
  private readonly limit: number

  constructor(limit: number) {
    this.limit = limit
    this.places = new Uint32Array(limit)
    this.scores = new Float64Array(limit)
  }

  /**
   * Writes `places`, ascending; gives how many. Places that share no user with the target are left out, unless the
   * limit takes in all places.
   */
  of(column: Float64Array, target: number, users: Float64Array): number {
    const whole = this.limit >= column.length - 1
    let count = 0
    for (let place = 0; place < column.length; place++) {
      if (place === target || (column[place] === 0 && !whole)) continue
      const score = (column[place] * column[place]) / users[place] // the cosine's order
      if (count < this.limit) this.rise(count++, place, score)
      else if (count > 0 && score > this.scores[0]) this.sink(count, place, score)
    }
    this.places.subarray(0, count).sort()
    return count
  }

  private rise(start: number, place: number, score: number): void {
    let i = start
    for (; i > 0; i = (i - 1) >> 1) {
      const parent = (i - 1) >> 1
      if (this.scores[parent] <= score) break
      this.places[i] = this.places[parent]
      this.scores[i] = this.scores[parent]
    }
    this.places[i] = place
    this.scores[i] = score
  }

  private sink(count: number, place: number, score: number): void {
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= count) break
      if (child + 1 < count && this.scores[child + 1] < this.scores[child]) child++
      if (this.scores[child] >= score) break
      this.places[i] = this.places[child]
      this.scores[i] = this.scores[child]
      i = child
    }
    this.places[i] = place
    this.scores[i] = score
  }
}
