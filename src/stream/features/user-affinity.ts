import type { Shelf, Shelved } from '../../foundation/base/index.ts'
import { DecayedPairs } from './decayed-pairs.ts'
import { DecayedRows, type DecayScale } from './decayed.ts'

/** Pairs held; about 32 bytes each. */
const PAIRS_MAX = 4_000_000
/** A click of more than eight half-lives ago. */
const EPSILON = 0.003

/**
 * What a user's taste is about: per user and subject the decayed sum of signed strength, over the user's decayed sum of
 * absolute strength. One scale, so a share does not depend on when it is read.
 */
export class UserAffinity implements Shelved {
  private readonly pairs: DecayedPairs
  private readonly totals: DecayedRows

  constructor(scale: DecayScale) {
    this.pairs = new DecayedPairs(scale, { pairsMax: PAIRS_MAX, epsilon: EPSILON })
    this.totals = new DecayedRows(scale)
  }

  /** Once per event, however many subjects it has. */
  addTotal(user: number, at: number, strength: number): void {
    this.totals.add(user, 0, at, Math.abs(strength))
  }

  add(user: number, subject: number, at: number, strength: number): void {
    this.pairs.add(user, subject, at, strength)
  }

  /** In -1..1: 1 when all the user did was about the subject and liked it. 0 for unknown rows. */
  share(user: number, subject: number): number {
    const total = this.totals.raw(user)
    return total > 0 && subject >= 0 ? this.pairs.raw(user, subject) / total : 0
  }

  forget(user: number): void {
    this.pairs.forget(user)
    this.totals.clear(user)
  }

  shelve(shelf: Shelf): void {
    shelf.part('pairs', this.pairs)
    shelf.part('totals', this.totals)
  }
}
