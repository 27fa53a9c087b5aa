import { HOUR } from '../../foundation/base/index.ts'

/** Exposure is counted over the hour that runs and the one before. */
const WINDOW_MS = HOUR

/** How unequally places on slates fall to creators. */
export class Concentration {
  private now = new Uint32Array(1024)
  private before = new Uint32Array(0)
  private began: number | undefined

  /** `creator`: its row; -1 is nobody and does not count. */
  add(creator: number): void {
    if (creator < 0) return
    if (creator >= this.now.length) {
      const grown = new Uint32Array(Math.max(creator + 1, this.now.length * 2))
      grown.set(this.now)
      this.now = grown
    }
    this.now[creator]++
  }

  rotate(at: number): void {
    this.began ??= at
    if (at - this.began < WINDOW_MS) return
    this.before = this.now
    this.now = new Uint32Array(this.before.length)
    this.began = at
  }

  /** Gini over `creators` of them, those that were never shown among them. Null when nothing was shown. */
  gini(creators: number): number | null {
    const alike = new Map<number, number>() // exposures -> how many creators have just that many
    let shown = 0
    for (let creator = 0; creator < this.now.length; creator++) {
      const exposures = this.now[creator] + (this.before[creator] ?? 0)
      if (exposures === 0) continue
      shown++
      alike.set(exposures, (alike.get(exposures) ?? 0) + 1)
    }
    return giniOf(alike, Math.max(creators, shown))
  }
}

/**
 * Gini = sum of (2i - n - 1) x_i / (n sum x), x ascending and i from 1, in one step per group of equal ones: for k of
 * them after s smaller ones, the sum of (2i - n - 1) is k (2s + k - n).
 */
function giniOf(alike: ReadonlyMap<number, number>, n: number): number | null {
  let smaller = n
  for (const k of alike.values()) smaller -= k // the ones with none
  let sum = 0
  let weighted = 0
  for (const [x, k] of [...alike].sort(([a], [b]) => a - b)) {
    weighted += x * k * (2 * smaller + k - n)
    sum += x * k
    smaller += k
  }
  return sum === 0 ? null : weighted / (n * sum)
}
