import { CoOccurrence, DENSE_MAX } from './cooccurrence.ts'
import { Nearest } from './nearest.ts'
import { solveRidge } from './ridge.ts'

export interface SlimJob {
  /** Rows of the covered items, ascending: the place of an item is its place here. */
  readonly chosen: Uint32Array
  /** No item was consumed by more. */
  readonly users: number
  readonly support: number
  readonly ridge: number
}

/** The weights of source place p are the cells from starts[p] to starts[p + 1]. */
export interface SlimWeights {
  readonly starts: Uint32Array
  /** Item rows, and what one consumption of the source adds to their score. */
  readonly targets: Uint32Array
  readonly weights: Float32Array
}

/** Most items that a model covers. */
export const SLIM_ITEMS_MAX = DENSE_MAX

/**
 * Column j of the model is the ridge regression of item j's consumption on that of its `support` nearest neighbours by
 * cosine (fsSLIM: Ning and Karypis, ICDM 2011), with the l2 loss of EASE (Steck, WWW 2019). With all other items as
 * support it is EASE's column: B_ij = -P_ij / P_jj, P = (X'X + ridge I)^-1. Tell it what each user consumed, then solve.
 */
export class SlimSolver {
  private readonly job: SlimJob
  private readonly both: CoOccurrence

  constructor(job: SlimJob) {
    this.job = job
    this.both = new CoOccurrence(job.chosen.length, job.users)
  }

  /** One user's items: places, each once, ascending. */
  add(basket: Uint32Array): void {
    this.both.add(basket, basket.length)
  }

  /** In small steps, of at most a few hundred thousand operations: it yields how many items are solved. */
  *solve(): Generator<number, SlimWeights> {
    const { chosen, ridge } = this.job
    const { both } = this
    const size = chosen.length
    const support = Math.min(this.job.support, Math.max(0, size - 1))
    const from = new Uint32Array(size * support) // [target x support] source places
    const solved = new Float32Array(size * support)
    const given = new Uint32Array(size + 1)
    const column = new Float64Array(size)
    const matrix = new Float64Array(support * support)
    const vector = new Float64Array(support)
    const nearest = new Nearest(support)
    const usersOf = Float64Array.from({ length: size }, (_, place) => both.get(place, place))
    yield 0
    for (let target = 0; target < size; target++) {
      both.column(target, column)
      const count = nearest.of(column, target, usersOf)
      const near = nearest.places
      for (let i = 0; i < count; i++) {
        vector[i] = column[near[i]]
        for (let j = 0; j <= i; j++) matrix[i * count + j] = both.get(near[i], near[j])
      }
      if (solveRidge(matrix, vector, count, ridge)) {
        for (let i = 0; i < count; i++) {
          from[target * support + i] = near[i]
          solved[target * support + i] = vector[i]
          if (vector[i] !== 0) given[near[i]]++
        }
      }
      yield target + 1
    }
    return yield* bySource({ chosen, support, from, solved, given })
  }
}

interface Solved {
  readonly chosen: Uint32Array
  readonly support: number
  readonly from: Uint32Array
  readonly solved: Float32Array
  /** Weights by source. */
  readonly given: Uint32Array
}

/** From columns by target to rows by source. */
function* bySource({ chosen, support, from, solved, given }: Solved): Generator<number, SlimWeights> {
  const size = chosen.length
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
    if (target % 256 === 255) yield size
  }
  return { starts, targets, weights }
}
