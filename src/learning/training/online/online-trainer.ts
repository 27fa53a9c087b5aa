import { type Clock, systemClock } from '../../../foundation/base/index.ts'
import type { Entry } from '../../../stream/events/index.ts'
import type { Dataset } from '../../../stream/samples/index.ts'
import type { ModelUpdate } from '../../embeddings/index.ts'
import type { Offer } from './offer.ts'

/** Entries taken before it is looked whether something is due: bounds how long a stop waits. */
const PORTION = 2000

type Numbered = Entry & { readonly seq: number }

/** Makes samples of a stream. What it folds entries into is what the model's facts read; nobody else folds it. */
export interface SampleFeed {
  /** Folds an entry that is not learned from. */
  pass(entry: Entry): void
  take(entry: Entry): void
  /** The samples whose time has come, or nothing. `now`: ms; without, the stream alone tells the time. */
  due(now: number): Dataset | undefined
  /** The first entry that waits. */
  readonly front: Entry | undefined
}

/** A model that learns on. */
export interface OnlineLearner {
  take(samples: Dataset): Promise<unknown>
  /** `at`: ms since 1970. */
  offer(at: number): Promise<Offer>
  /**
   * Takes the place of a process that ended: updates are counted on from its last one, and put back what only that had
   * learned. Call it before anything is learned. ERR_EMBEDDINGS_INVALID for an update of another base.
   */
  succeed(last: ModelUpdate): void
}

export interface OnlineTask {
  /** What has come since it was last read, in order, from the beginning of the journal. See `EntryTail`. */
  readonly entries: { read(): Iterable<Numbered> }
  readonly feed: SampleFeed
  readonly learner: OnlineLearner
  /** Seq of the first entry to learn from: what lies before was learned already and is only folded. */
  readonly from: number
  /** How long an outcome may follow its impression. */
  readonly windowMs: number
  /** Between two offers. */
  readonly everyMs: number
  readonly clock?: Clock
}

/**
 * Learns from a journal while it is written: reads what has come, joins outcomes to impressions, learns, and offers what
 * it learned at its cadence. Has no timer of its own: call `tick` again and again, one at a time.
 */
export class OnlineTrainer {
  private readonly task: OnlineTask
  private readonly clock: Clock
  private next: number
  private arrived: number
  private offeredAt: number

  constructor(task: OnlineTask) {
    this.task = task
    this.clock = task.clock ?? systemClock
    this.next = task.from
    this.arrived = this.clock.ticks()
    this.offeredAt = this.arrived
  }

  /** Seq of the first entry that was not learned from: where a trainer of what was learned so far goes on. */
  get until(): number {
    const { front } = this.task.feed
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
    return this.task.learner.offer(this.clock.now())
  }

  private take(entry: Numbered): void {
    const { feed, from } = this.task
    if (entry.seq < from) feed.pass(entry)
    else {
      feed.take(entry)
      this.next = entry.seq + 1
    }
  }

  private async learn(now: number): Promise<void> {
    const samples = this.task.feed.due(now)
    if (samples) await this.task.learner.take(samples)
  }
}
