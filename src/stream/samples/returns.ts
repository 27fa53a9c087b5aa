import { Column } from '../../foundation/base/index.ts'
import { SESSION_GAP } from '../features/index.ts'

const NONE = -1

/**
 * Did the viewer begin another session after a request? A session begins with the first event later than SESSION_GAP
 * after the one before. Each viewer's waiting requests form a list; they leave from its front, so all is constant time.
 */
export class Returns {
  private readonly returnMs: number
  private readonly lastSeen = new Column(Float64Array, { initial: -1 })
  private readonly front = new Column(Int32Array, { initial: NONE })
  private readonly back = new Column(Int32Array, { initial: NONE })
  private readonly next = new Column(Int32Array, { initial: NONE })
  /** Per request: its moment, when the viewer returned (-1: not yet), and whether it is still in the list. */
  private readonly at = new Column(Float64Array)
  private readonly returned = new Column(Float64Array)
  private readonly listed = new Column(Uint8Array)

  /** `returnMs` 0: not asked. */
  constructor(returnMs: number) {
    this.returnMs = returnMs
  }

  /** Something was heard of a viewer. Call it in the order of the journal, for each event. */
  seen(user: number, at: number): void {
    if (user < 0 || this.returnMs === 0) return
    for (const column of [this.lastSeen, this.front, this.back]) column.ensure(user)
    const last = this.lastSeen.array[user]
    if (at <= last) return
    this.lastSeen.array[user] = at
    if (last < 0 || at <= last + SESSION_GAP) return
    for (let slot = this.front.array[user]; slot !== NONE; slot = this.next.array[slot]) {
      this.returned.array[slot] = at
      this.listed.array[slot] = 0
    }
    this.front.array[user] = NONE
    this.back.array[user] = NONE
  }

  /** A request begins to wait; `seen` was called for the event that opened it. */
  wait(slot: number, user: number, at: number): void {
    if (user < 0 || this.returnMs === 0) return
    for (const column of [this.next, this.at, this.returned, this.listed]) column.ensure(slot)
    this.next.array[slot] = NONE
    this.at.array[slot] = at
    this.returned.array[slot] = -1
    this.listed.array[slot] = 1
    const back = this.back.array[user]
    if (back === NONE) this.front.array[user] = slot
    else this.next.array[back] = slot
    this.back.array[user] = slot
  }

  /**
   * 1 or 0, or -1 for unknown: a stranger, not asked, or the log ends (at `latest`) before the window does. Then who came
   * back already is not told either: of the latest requests there would be returns and none that stayed away.
   */
  label(slot: number, user: number | undefined, latest: number): number {
    if (user === undefined || user < 0 || this.returnMs === 0) return -1
    const end = this.at.array[slot] + this.returnMs
    if (latest < end) return -1
    const returned = this.returned.array[slot]
    return returned >= 0 && returned <= end ? 1 : 0
  }

  /** Requests leave in the order in which they began to wait. */
  remove(slot: number, user: number): void {
    if (user < 0 || this.returnMs === 0 || this.listed.array[slot] === 0) return
    const next = this.next.array[slot]
    this.front.array[user] = next
    if (next === NONE) this.back.array[user] = NONE
    this.listed.array[slot] = 0
  }
}
