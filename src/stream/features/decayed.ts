import { Cell, Column, type Shelf, type Shelved } from '../../foundation/base/index.ts'

/** Half-lives above the landmark at which it is moved: far below the 1023 that a double can hold. */
const EXPONENT_MAX = 512

/**
 * Forward decay (Cormode, Shkapenyuk, Srivastava and Xu, ICDE 2009): an event weighs 2^((at - landmark) / halfLife)
 * once and for all, and a read divides by the weight of its own moment. So the order of events does not matter (up to
 * rounding), a late event weighs what it would have weighed, and nothing is touched as time goes by.
 *
 * The landmark is a whole number of half-lives; moving it multiplies all sums by a power of two, which is exact.
 */
export class DecayScale implements Shelved {
  /** Milliseconds. */
  readonly halfLife: number
  private readonly landmark = new Cell() // half-lives since 1970
  private readonly newest = new Cell()
  private lastAt = Number.NaN
  private lastWeight = 0
  private nowAt = Number.NaN
  private nowFactor = 0
  private readonly followers: ((factor: number) => void)[] = []

  constructor(halfLife: number) {
    if (!(halfLife > 0)) throw new RangeError(`A half-life must be above 0 ms, not ${halfLife}`)
    this.halfLife = halfLife
  }

  /** Weight of an event. Moves the landmark first when the exponent would grow too large. */
  weight(at: number): number {
    if (at === this.lastAt) return this.lastWeight
    if (at > this.newest.value) this.newest.value = at
    const exponent = at / this.halfLife - this.landmark.value
    if (exponent > EXPONENT_MAX) this.move(Math.floor(exponent))
    this.lastAt = at
    this.lastWeight = 2 ** (at / this.halfLife - this.landmark.value)
    return this.lastWeight
  }

  /** What a sum is multiplied by to be read at a moment. A moment before the newest event reads as the newest. */
  factor(at: number): number {
    return 2 ** (this.landmark.value - Math.max(at, this.newest.value) / this.halfLife)
  }

  /** The factor at the newest event; asked for item by item, so it is kept. */
  get factorNow(): number {
    const newest = this.newest.value
    if (newest !== this.nowAt) {
      this.nowFactor = this.factor(newest)
      this.nowAt = newest
    }
    return this.nowFactor
  }

  /** Called with the factor by which sums must be multiplied when the landmark moves. */
  onMove(follow: (factor: number) => void): void {
    this.followers.push(follow)
  }

  shelve(shelf: Shelf): void {
    shelf.part('landmark', this.landmark)
    shelf.part('newest', this.newest)
    this.lastAt = Number.NaN
    this.nowAt = Number.NaN
  }

  private move(by: number): void {
    this.landmark.value += by
    this.nowAt = Number.NaN
    for (const follow of this.followers) follow(2 ** -by)
  }
}

/**
 * Decayed sums, `width` channels per row. A row is whatever the owner says: an item, a user, a slot of a PairTable.
 * Several owners may share the rows by reserving channels of their own: what is read together lies together.
 */
export class DecayedRows implements Shelved {
  readonly scale: DecayScale
  private sums: Column<Float64Array>
  private width: number

  constructor(scale: DecayScale, width = 1) {
    this.scale = scale
    this.width = width
    this.sums = new Column(Float64Array, { width })
    scale.onMove((factor) => {
      const { array } = this.sums
      for (let i = 0; i < array.length; i++) array[i] *= factor
    })
  }

  /** Adds channels, and gives the first of them. Before the first event. */
  reserve(channels: number): number {
    const first = this.width
    this.width += channels
    this.sums = new Column(Float64Array, { width: this.width })
    return first
  }

  add(row: number, channel: number, at: number, amount = 1): void {
    const weight = this.scale.weight(at) // may move the landmark: before the cell is read
    this.sums.ensure(row)
    this.sums.array[row * this.width + channel] += weight * amount
  }

  /** The sum before the read's factor: comparable between rows of one scale, until the landmark moves. */
  raw(row: number, channel = 0): number {
    const i = row * this.width + channel
    return row >= 0 && i < this.sums.array.length ? this.sums.array[i] : 0
  }

  clear(row: number): void {
    this.sums.clear(row)
  }

  /** The sums; the scale is shelved by whoever made it. */
  shelve(shelf: Shelf): void {
    shelf.part('sums', this.sums)
  }
}
