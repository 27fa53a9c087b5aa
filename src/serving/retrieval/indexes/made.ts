/** Where less than this share of what a list rests on has changed, it may wait. */
const CHANGE_SHARE = 0.05
/** For so many refresh intervals, at most. */
const WAITS_MAX = 15

interface Made<T> {
  readonly value: T
  readonly at: number
  readonly version: number
  readonly sums: Float64Array
}

/** What a list is made from, as it is now. */
export interface Ground {
  /** Changes with whatever may change a list. */
  readonly version: number
  /** Sums that the list rests on, the widest first; none when no sum tells how much has changed. */
  readonly sums: Float64Array
  /** The narrower ones are blended with so much of the wider: small ones say little. */
  readonly blend: number
}

/**
 * Lists that were made, kept until it is worth making them anew: when something changed, at most every `refreshMs` of
 * request time, and no later than 15 times that; in between only when the sums below it changed by 5 % together. So a
 * young platform's lists follow every event, and those of a large one do not cost a core to say the same again.
 */
export class MadeLists<K, T> {
  private readonly made = new Map<K, Made<T>>()
  private readonly refreshMs: number
  private readonly max: number

  /** `max`: lists kept; one more and all are made anew. */
  constructor(refreshMs: number, max: number) {
    this.refreshMs = refreshMs
    this.max = max
  }

  get(key: K, at: number, ground: Ground, make: () => T): T {
    const last = this.made.get(key)
    if (last && !this.stale(last, at, ground)) return last.value
    if (this.made.size >= this.max && !last) this.made.clear()
    const value = make()
    this.made.set(key, { value, at, version: ground.version, sums: ground.sums })
    return value
  }

  clear(): void {
    this.made.clear()
  }

  private stale(last: Made<T>, at: number, { version, sums, blend }: Ground): boolean {
    if (last.version === version) return false
    const age = Math.abs(at - last.at)
    if (age < this.refreshMs) return false
    if (age >= WAITS_MAX * this.refreshMs || sums.length === 0) return true
    let change = 0
    for (let i = 0; i < sums.length; i++) {
      const moved = Math.abs(sums[i] - last.sums[i])
      if (moved > 0) change += moved / (last.sums[i] + (i === 0 ? 0 : blend))
    }
    return change >= CHANGE_SHARE
  }
}
