import type { Config } from '../../domain/index.ts'
import type { Log } from '../../foundation/telemetry/index.ts'
import type { TrainNews } from './child.ts'
import { TrainerProcess } from './trainer-process.ts'

/** Accidents in a row, without an update between them, after which it stays down until the server starts again. */
const ACCIDENTS_MAX = 5
/** Wait before the first restart; it doubles with every accident in a row. */
const RESTART_MS = 5_000

/** Begins a process that learns; a test gives another one. */
export type Begin = (tell: (news: TrainNews) => void) => Pick<TrainerProcess, 'ended' | 'stop'>

export interface OnlineParts {
  readonly data: string
  readonly config: Config
  readonly log: Log | undefined
  readonly begin?: Begin
  readonly restartMs?: number
}

/**
 * Keeps a process beside the server that goes on training the model of `learning.online` on the stream. One that ends by
 * accident is begun again, a bounded number of times; what it had learned and published goes on serving.
 */
export class OnlineLearning {
  private readonly parts: OnlineParts
  private process: ReturnType<Begin> | undefined
  private accidents = 0
  private timer: NodeJS.Timeout | undefined
  private stopped = false
  private latest = 'it has not begun'

  constructor(parts: OnlineParts) {
    this.parts = parts
  }

  /** What it does, in a sentence; undefined when no model is to learn. */
  get status(): string | undefined {
    return this.model === 'none' ? undefined : this.latest
  }

  start(): void {
    if (this.model === 'none' || this.stopped) return
    const { data, config, log } = this.parts
    const begin = this.parts.begin ?? ((tell) => new TrainerProcess({ data, config, models: [], online: true }, tell))
    this.process = begin((news) => this.take(news))
    this.process.ended.catch((error: unknown) => {
      this.process = undefined
      const message = error instanceof Error ? error.message : String(error)
      log?.error({ error, model: this.model }, 'online training ended by accident; what it published goes on serving')
      this.again(message)
    })
  }

  async stop(): Promise<void> {
    this.stopped = true
    clearTimeout(this.timer)
    await this.process?.stop()
  }

  private get model(): string {
    return this.parts.config.learning.online.model
  }

  private take(news: TrainNews): void {
    if (news.kind !== 'online') return
    const { say, kind } = news.report
    if (kind === 'update' || kind === 'version') this.accidents = 0
    this.latest = say
  }

  private again(message: string): void {
    if (this.stopped) return
    if (++this.accidents > ACCIDENTS_MAX) {
      this.latest = `it is off until the next start, after ${this.accidents} accidents in a row: ${message}`
      return
    }
    this.latest = `it begins again: ${message}`
    const wait = (this.parts.restartMs ?? RESTART_MS) * 2 ** (this.accidents - 1)
    this.timer = setTimeout(() => this.start(), wait)
    this.timer.unref()
  }
}
