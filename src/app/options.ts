import type { Clock } from '../foundation/base/index.ts'
import type { Config } from '../domain/index.ts'
import type { Log, Metrics } from '../foundation/telemetry/index.ts'
import type { TrainNews } from './learn/child.ts'

export interface WorldSize {
  readonly seed?: string
  readonly users?: number
  readonly items?: number
  readonly days?: number
  /** Events in the history, roughly. */
  readonly events?: number
}

export interface EngineOptions {
  /** Data folder; made when it is missing. */
  readonly data: string
  readonly config: Config
  readonly clock?: Clock
  readonly metrics?: Metrics
  /**
   * Faults to begin with, as `parseFaults` reads them, or `on` for none yet. Giving it allows them to be changed at run
   * time, as `ladder.faults` does.
   */
  readonly faults?: string | undefined
  readonly log?: Log
  /** False for a process that opens the folder to read or fill it: the change log then tells nothing of it. Default true. */
  readonly serves?: boolean
  /** Train beside the server, in a process of its own, as `learning` of the configuration says? Default false. */
  readonly learn?: boolean
  /** Threads that make slates beside this one, over the same memory; they read the system's clock, so another one is refused. Default 0: this one makes them. */
  readonly workers?: number
  /** Is told what came of each training. */
  readonly onTraining?: (news: TrainNews) => void
  /** Throw the folder's content away first. */
  readonly fresh?: boolean
  /** What to fill an empty folder with: a simulated platform of this size, or nothing. Default: nothing. */
  readonly world?: WorldSize | undefined
}
