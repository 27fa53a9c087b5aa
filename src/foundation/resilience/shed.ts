import { SluiceError } from '../base/index.ts'

/** Counts what is under way and refuses what would be too much: better a quick no to some than a late answer to all. */
export class Shed {
  private readonly name: string
  private readonly limit: number
  private count = 0

  /** @param name what is full, in the words of the error: "the number of running requests" */
  constructor(name: string, limit: number) {
    if (!(limit >= 1)) throw new RangeError(`limit must be at least 1, not ${limit}`)
    this.name = name
    this.limit = limit
  }

  get underWay(): number {
    return this.count
  }

  /** @throws SluiceError ERR_OVERLOADED when no place is left */
  requireRoom(): void {
    if (this.count >= this.limit) throw new SluiceError('ERR_OVERLOADED', [this.name])
  }

  /**
   * Takes a place. Call what it gives back when the work is over; more calls than one do nothing.
   * @throws SluiceError ERR_OVERLOADED when no place is left
   */
  enter(): () => void {
    this.requireRoom()
    this.count++
    let inside = true
    return () => {
      if (inside) this.count--
      inside = false
    }
  }
}
