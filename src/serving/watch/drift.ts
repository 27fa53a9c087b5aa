import { DAY, type Random } from '../../foundation/base/index.ts'
import { columnReference, type DriftReference, psiAgainst, SAMPLES_MIN } from '../../judging/drift/index.ts'
import { Reservoir } from './reservoir.ts'
import { Ring } from './ring.ts'

/** Rows that "now" is made of, and that a reference is made of. */
export const ROWS = 2000
/** A column's population stability index, against one of the references. */
export interface Moved {
  readonly name: string
  readonly against: 'day' | 'training'
  readonly psi: number
}

/**
 * How far the rows of now (the latest 2000) have moved, column by column: from what was served in the last whole day,
 * and from the training data of the live model where that is told. What a model learned from was shown by another policy,
 * perhaps long ago: that it differs is no news. One small piece of work per call.
 */
export class Drift {
  private readonly names: readonly string[]
  /** Places of the columns that are held against a reference. */
  private readonly held: readonly number[]
  private readonly latest: Ring
  private readonly day: Reservoir
  private trained: DriftReference | undefined
  private served: DriftReference | undefined
  private began: number | undefined
  private turn = 0

  /** `daily`: columns that rise and fall within the day; they are not held against anything. */
  constructor(names: readonly string[], random: Random, daily: ReadonlySet<string> = new Set()) {
    this.names = names
    this.held = [...names.keys()].filter((index) => !daily.has(names[index] as string))
    this.latest = new Ring(ROWS, names.length)
    this.day = new Reservoir(ROWS, names.length, random)
  }

  /** Adds one row; `fill` writes its numbers in the order of the names. */
  add(fill: (row: Float32Array) => void): void {
    const row = this.latest.next()
    fill(row)
    this.day.offer(row)
  }

  /** What the live model was trained on; undefined where it is not told. */
  learnt(reference: DriftReference | undefined): void {
    this.trained = reference
  }

  /** The reference that was made here: to be kept over a restart. */
  get own(): DriftReference | undefined {
    return this.served
  }

  /** Takes up a kept reference; columns that no longer exist are left out. */
  restore(reference: DriftReference): void {
    this.served = reference
  }

  /** Ends the day when it is over: its rows become the reference. True when there is a new one. */
  rotate(at: number): boolean {
    this.began ??= at
    if (at - this.began < DAY || this.day.count < SAMPLES_MIN) return false
    const columns = this.names.map((name, index) => [name, columnReference(this.day.column(index))] as const)
    this.served = { of: new Date(this.began).toISOString().slice(0, 10), columns: Object.fromEntries(columns) }
    this.day.empty()
    this.began = at
    return true
  }

  /** PSI of the next column in turn against each reference that is there; nothing while there are too few rows. */
  next(): Moved[] {
    if (this.held.length === 0 || this.latest.count < SAMPLES_MIN) return []
    const index = this.held[this.turn++ % this.held.length] as number
    const name = this.names[index] as string
    const references = { day: this.served?.columns[name], training: this.trained?.columns[name] }
    return (['day', 'training'] as const).flatMap((against) => {
      const reference = references[against]
      if (!reference || reference.n < SAMPLES_MIN) return []
      return [{ name, against, psi: psiAgainst(reference, this.latest.column(index)).value }]
    })
  }
}
