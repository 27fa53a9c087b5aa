import { type Clock, systemClock } from '../../../foundation/base/index.ts'
import type { State } from '../../../stream/catalog/index.ts'
import type { Entry } from '../../../stream/events/index.ts'
import type { Features } from '../../../stream/features/index.ts'
import { LiveSamples, type SampleOptions } from '../../../stream/samples/index.ts'
import type { Offer, OnlineRanker } from './online-ranker.ts'

/** Entries taken before it is looked whether something is due: bounds how long a stop waits. */
const PORTION = 2000

export interface OnlineTask {
  /** What has come since it was last read, in order, from the beginning of the journal. See `EntryTail`. */
  readonly entries: { read(): Iterable<Entry & { readonly seq: number }> }
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
  readonly onOffer: (offer: Offer) => void
}

/** Where it stands. */
export interface OnlinePosition {
  /** Entries read, and those of them that were folded: what came before them is learned. */
  readonly read: number
  readonly folded: number
  readonly examples: number
}

/**
 * Learns from a journal while it is written: reads what has come, joins outcomes to impressions, learns, and offers what
 * it learned at its cadence. Has no timer of its own: call `tick` again and again, one at a time.
 */
export class OnlineTrainer {
  private readonly task: OnlineTask
  private readonly clock: Clock
  private readonly live: LiveSamples
  private read = 0
  private skipped = 0
  private arrived: number
  private offeredAt: number

  constructor(task: OnlineTask) {
    this.task = task
    this.clock = task.clock ?? systemClock
    this.live = new LiveSamples(task.ground, { ...task.samples, attributionMs: task.windowMs, returnMs: 0 })
    this.arrived = this.clock.ticks()
    this.offeredAt = this.arrived
  }

  get position(): OnlinePosition {
    const { read, skipped, live, task } = this
    return { read, folded: skipped + live.report.entries, examples: task.ranker.examples }
  }

  /** Reads on to the end of the journal, learns what is due, and offers when it is time. False when nothing had come. */
  async tick(signal?: AbortSignal): Promise<boolean> {
    let taken = 0
    for (const { seq, ...entry } of this.task.entries.read()) {
      this.take(seq, entry as Entry)
      if (++taken % PORTION > 0) continue
      await this.learn(Number.NEGATIVE_INFINITY)
      if (signal?.aborted) return true
    }
    const now = this.clock.ticks()
    if (taken > 0) this.arrived = now
    // The stream tells the time. When it is silent for a whole window, no outcome of what waits will come any more.
    await this.learn(now - this.arrived > this.task.windowMs ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY)
    if (now - this.offeredAt >= this.task.everyMs) await this.offer()
    return taken > 0
  }

  /** Offers at once. */
  async offer(): Promise<void> {
    this.offeredAt = this.clock.ticks()
    this.task.onOffer(await this.task.ranker.offer(this.clock.now()))
  }

  private take(seq: number, entry: Entry): void {
    this.read++
    if (seq >= this.task.from) this.live.take(entry)
    else {
      this.task.ground.state.apply(entry)
      this.skipped++
    }
  }

  private async learn(now: number): Promise<void> {
    const samples = this.live.due(now)
    if (samples) await this.task.ranker.take(samples)
  }
}
