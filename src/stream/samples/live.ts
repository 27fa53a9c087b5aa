import { Random } from '../../foundation/base/index.ts'
import type { State } from '../catalog/index.ts'
import type { Entry } from '../events/index.ts'
import type { Features } from '../features/index.ts'
import { headerOf } from './build.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { Dataset } from './dataset.ts'
import { Draws } from './draws.ts'
import { Emitter } from './emit.ts'
import { Join } from './join.ts'
import { type BuildReport, completed, emptyReport, type SampleOptions } from './options.ts'
import type { SamplesHeader } from './schema.ts'

/** Entries that may wait to be folded; beyond, the oldest requests go early. */
const WAITING_MAX = 500_000

/**
 * Samples of a stream that has no end: entries come in as they happen, and a request comes out when its window has
 * passed. The fold of the state follows behind by the window, so that features are read as of the request: a sample is
 * the same as `buildSamples` makes of the same entries with the same window.
 *
 * Windows are short here (a minute, not hours): an outcome that comes later counts as none. Leave out the head of
 * returns, `returnMs: 0`.
 */
export class LiveSamples {
  readonly header: SamplesHeader
  readonly report: BuildReport = emptyReport()
  private readonly state: State
  private readonly join: Join
  private readonly writer: ChunkWriter
  private readonly draws: Draws
  private readonly emitter: Emitter
  private readonly windowMs: number
  private readonly pendingMax: number
  private waiting: Entry[] = []
  private taken = 0

  /** `state` may already hold what lies before; it is folded on from there, and nobody else may. */
  constructor(ground: { readonly state: State; readonly features: Features }, options: SampleOptions = {}) {
    const whole = completed(options)
    this.state = ground.state
    this.header = headerOf(ground, options)
    this.join = new Join(ground.state.kinds, whole.attributionMs, whole.returnMs)
    this.writer = new ChunkWriter(ground.features.names.length)
    this.draws = new Draws(ground.state, new Random(`${whole.seed}/negatives`))
    this.emitter = new Emitter(ground, this.join, this.writer, this.draws, whole, this.report)
    this.windowMs = Math.max(whole.attributionMs, whole.returnMs)
    this.pendingMax = whole.pendingMax
  }

  /** Entries that wait behind a request whose window is open. */
  get held(): number {
    return this.waiting.length
  }

  /** The first of them: everything before it is in the state, and in the samples that were given. */
  get front(): Entry | undefined {
    return this.waiting[0]
  }

  /** Takes the next entry. */
  take(entry: Entry): void {
    this.join.take(entry, this.taken++)
    this.waiting.push(entry)
    if (this.waiting.length >= 2 * WAITING_MAX) this.fold(Number.NEGATIVE_INFINITY)
  }

  /**
   * The requests whose windows have passed, or nothing. Without `now` (ms) only the stream tells the time: then the last
   * requests wait for the next event.
   */
  due(now = Number.NEGATIVE_INFINITY): Dataset | undefined {
    this.fold(now)
    if (this.writer.rows.requests === 0) return undefined
    return new Dataset(this.header, [this.writer.take()])
  }

  private fold(now: number): void {
    const { join, report, waiting } = this
    const { pending } = join
    let folded = 0
    const passed = () => Math.max(join.latest, now) > pending.at + this.windowMs
    for (const entry of waiting) {
      const crowded = pending.size > this.pendingMax || waiting.length - folded > WAITING_MAX
      if (pending.place === report.entries && !passed()) {
        if (!crowded) break
        report.early++
      }
      while (pending.place === report.entries) this.emitter.emit(false)
      this.state.apply(entry)
      this.draws.seen(entry)
      report.entries++
      folded++
    }
    if (folded > 0) this.waiting = waiting.slice(folded)
    Object.assign(report, join.counts)
  }
}
