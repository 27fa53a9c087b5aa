import { Column, MINUTE, type Shelf } from '../../foundation/base/index.ts'
import type { Kinds } from '../../domain/index.ts'
import type { AppliedEvent, Projection } from '../catalog/index.ts'

/** A session ends when a user did nothing for longer than this. */
export const SESSION_GAP = 30 * MINUTE

/**
 * The latest session of each user, by the gap rule; session ids that clients send are not used. An action is any event
 * but an impression. A late action counts while it lies in the session or less than a gap before its start, which it
 * then moves; an older one belongs to a session that is over, and is not counted.
 */
export class Sessions implements Projection {
  readonly name = 'sessions'
  private readonly starts = new Column(Float64Array)
  private readonly ends = new Column(Float64Array, { initial: -1 }) // -1: no action yet
  private readonly counts = new Column(Uint32Array)
  private readonly impression: number

  constructor(kinds: Kinds) {
    this.impression = kinds.code('impression')
  }

  apply(event: AppliedEvent): void {
    const { user, at } = event
    if (user < 0 || event.kind === this.impression) return
    for (const column of [this.starts, this.ends, this.counts]) column.ensure(user)
    const end = this.ends.array[user]
    if (end < 0 || at > end + SESSION_GAP) {
      this.starts.array[user] = at
      this.ends.array[user] = at
      this.counts.array[user] = 1
      return
    }
    if (at < this.starts.array[user] - SESSION_GAP) return
    this.starts.array[user] = Math.min(at, this.starts.array[user])
    this.ends.array[user] = Math.max(at, end)
    this.counts.array[user]++
  }

  forget(user: number): void {
    for (const column of [this.starts, this.ends, this.counts]) column.clear(user)
  }

  shelve(shelf: Shelf): void {
    for (const name of ['starts', 'ends', 'counts'] as const) shelf.part(name, this[name])
  }

  /** Milliseconds since the latest action; -1 when there was none. */
  idle(user: number, at: number): number {
    const end = user >= 0 && user < this.ends.rows ? this.ends.array[user] : -1
    return end < 0 ? -1 : Math.max(0, at - end)
  }

  /** Actions in the session that goes on at a moment; 0 when none does. */
  actions(user: number, at: number): number {
    const idle = this.idle(user, at)
    return idle < 0 || idle > SESSION_GAP ? 0 : this.counts.array[user]
  }

  /** Milliseconds from the first to the latest action of the session that goes on; 0 when none does. */
  duration(user: number, at: number): number {
    return this.actions(user, at) === 0 ? 0 : this.ends.array[user] - this.starts.array[user]
  }
}
