import { Column } from '../../foundation/base/index.ts'
import type { Event, Kinds } from '../../domain/index.ts'
import { HEADS, headCode } from './heads.ts'

const OPENED = 1
const GLAD = 2
const WAVED = 4
const REPORTED = 8
/** An act of at least this strength says liking: like, share, follow-up purchase, cart. A click and a watch do not. */
const GLAD_STRENGTH = 3

const CLICK = headCode('click')
const WATCH = headCode('watch')
const SATISFACTION = headCode('satisfaction')
const REPORT = headCode('report')

/** What came of each impression so far, in columns by slot. */
export class Outcomes {
  private readonly kinds: Kinds
  private readonly report: number
  private readonly acts = new Column(Uint8Array)
  private readonly shares = new Column(Float32Array, { initial: Number.NaN })
  private readonly seconds = new Column(Float32Array, { initial: Number.NaN })
  private readonly answers = new Column(Float32Array, { initial: Number.NaN }) // survey or rating, 0..1

  constructor(kinds: Kinds) {
    this.kinds = kinds
    this.report = kinds.code('report')
  }

  open(slot: number): void {
    for (const column of this.columns()) {
      column.ensure(slot)
      column.clear(slot)
    }
  }

  /** Notes what an event says about an impression. An event that is only an impression says nothing. */
  note(slot: number, kind: number, event: Event): void {
    const spec = this.kinds.specs[kind]
    if (!spec) return
    const { consumes, strength, scale } = spec
    let acts = this.acts.array[slot]
    if (consumes) acts |= strength < 0 ? WAVED : OPENED
    if (scale === 'none' && consumes && strength >= GLAD_STRENGTH) acts |= GLAD
    if (kind === this.report) acts |= REPORTED
    this.acts.array[slot] = acts
    if (scale === 'completion') {
      if (event.completion !== undefined) raise(this.shares, slot, event.completion)
      if (event.value !== undefined) raise(this.seconds, slot, event.value)
    }
    if (event.value !== undefined && (scale === 'survey5' || scale === 'stars5')) {
      const low = scale === 'survey5' ? 1 : 0.5
      this.answers.array[slot] = clamp((event.value - low) / (5 - low))
    }
  }

  /** Did the viewer open it? */
  opened(slot: number): boolean {
    return (this.acts.array[slot] & OPENED) !== 0
  }

  /**
   * Writes the labels of all heads but `return` and gives the bits of those known. `duration`: of the item in seconds,
   * for watches that say seconds only; NaN when unknown.
   */
  read(slot: number, duration: number, labels: { [i: number]: number }, at: number): number {
    const acts = this.acts.array[slot]
    const opened = (acts & OPENED) !== 0
    for (let head = 0; head < HEADS; head++) labels[at + head] = 0
    let known = (1 << CLICK) | (1 << REPORT)
    labels[at + CLICK] = opened ? 1 : 0
    labels[at + REPORT] = (acts & REPORTED) !== 0 ? 1 : 0
    const share = this.share(slot, duration)
    if (!opened || !Number.isNaN(share)) {
      known |= 1 << WATCH
      labels[at + WATCH] = opened ? share : 0
    }
    const answer = this.answers.array[slot]
    if (!Number.isNaN(answer) || (acts & (GLAD | WAVED)) !== 0) {
      known |= 1 << SATISFACTION
      labels[at + SATISFACTION] = Number.isNaN(answer) ? ((acts & WAVED) !== 0 ? 0 : 1) : answer
    }
    return known
  }

  private share(slot: number, duration: number): number {
    const share = this.shares.array[slot]
    if (!Number.isNaN(share)) return clamp(share)
    return clamp(this.seconds.array[slot] / duration) // NaN stays NaN
  }

  private columns() {
    return [this.acts, this.shares, this.seconds, this.answers] as const
  }
}

function raise(column: Column<Float32Array>, slot: number, value: number): void {
  const before = column.array[slot]
  column.array[slot] = Number.isNaN(before) ? value : Math.max(before, value)
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}
