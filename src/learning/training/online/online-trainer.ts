import { type Clock, systemClock } from '../../../foundation/base/index.ts'
import type { State } from '../../../stream/catalog/index.ts'
import type { Entry } from '../../../stream/events/index.ts'
import type { Features } from '../../../stream/features/index.ts'
import { LiveSamples, type SampleOptions } from '../../../stream/samples/index.ts'
import type { Offer, OnlineRanker } from './online-ranker.ts'

/** Entries taken before it is looked whether something is due: bounds how long a stop waits. */
const PORTION = 2000

type Numbered = Entry & { readonly seq: number }

export interface OnlineTask {
  /** What has come since it was last read, in order, from the beginning of the journal. See `EntryTail`. */
  readonly entries: { read(): Iterable<Numbered> }
  /** Empty at first; folded by the trainer and by nobody else. The model's facts read it. */
  readonly ground: { readonly state: State; readonly features: Features }
  readonly ranker: OnlineRanker
  /** Seq of the first entry to learn from: what lies before was learned already and is only folded. */
  readonly from: number
  /** How long an outcome may follow its impression. */
  readonly windowMs: number
  /** Between two offers. */
  readonly everyMs: number
  readonly samples?: Omit<SampleOptions, 'attributionMs' | 'returnMs'>
  readonly clock?: Clock
}

/**
 * Learns from a journal while it is written: reads what has come, joins outcomes to impressions, learns, and offers what
 * it learned at its cadence. Has no timer of its own: call `tick` again and again, one at a time.
 */
export class OnlineTrainer {
  private readonly task: OnlineTask
  private readonly clock: Clock
  private readonly live: LiveSamples
  private next: number
  private arrived: number
  private offeredAt: number

  constructor(task: OnlineTask) {
    this.task = task
    this.clock = task.clock ?? systemClock
    this.live = new LiveSamples(task.ground, { ...task.samples, attributionMs: task.windowMs, returnMs: 0 })
    this.next = task.from
    this.arrived = this.clock.ticks()
    this.offeredAt = this.arrived
  }

  /** Seq of the first entry that was not learned from: where a trainer of what was learned so far goes on. */
  get until(): number {
    const { front } = this.live
    return front === undefined ? this.next : (front as Numbered).seq
  }

  /** Reads on to the end of the journal and learns what is due. Gives an offer when it is time for one. */
  async tick(signal?: AbortSignal): Promise<Offer | undefined> {
    let taken = 0
    for (const entry of this.task.entries.read()) {
      this.take(entry)
      if (++taken % PORTION > 0) continue
      await this.learn(Number.NEGATIVE_INFINITY)
      if (signal?.aborted) return undefined
    }
    const now = this.clock.ticks()
    if (taken > 0) this.arrived = now
    // The stream tells the time. When it is silent for a whole window, no outcome of what waits will come any more.
    await this.learn(now - this.arrived > this.task.windowMs ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY)
    return now - this.offeredAt >= this.task.everyMs ? this.offer() : undefined
  }

  /** Offers at once. */
  offer(): Promise<Offer> {
    this.offeredAt = this.clock.ticks()
    return this.task.ranker.offer(this.clock.now())
  }

  private take(entry: Numbered): void {
    if (entry.seq < this.task.from) this.task.ground.state.apply(entry)
    else {
      this.live.take(entry)
      this.next = entry.seq + 1
    }
  }

  private async learn(now: number): Promise<void> {
    const samples = this.live.due(now)
    if (samples) await this.task.ranker.take(samples)
  }
}
