import { SluiceError } from '../../../foundation/base/index.ts'
import { promoted, rungsOf } from './halving.ts'
import type { Settings } from './settings.ts'

/** One training of one choice of settings. */
export interface Trial {
  readonly kind: 'trial'
  readonly trial: number
  readonly rung: number
  /** Share of what is there to learn: the latest requests; of the sequence model, users evenly spread. */
  readonly share: number
  readonly settings: Settings
  /** The model's criterion on the validation part, higher is better; null when it diverged. */
  readonly value: number | null
  readonly why?: string
  readonly metrics: Readonly<Record<string, number>>
  readonly examples: number
  readonly seconds: number
}

/** What came of a trial's training. */
export type Outcome = Pick<Trial, 'value' | 'metrics' | 'examples' | 'seconds'>

/** How a model is tried. */
export interface Tries {
  /** @throws SluiceError ERR_SWEEP_SPACE for settings that the model does not take */
  check(settings: Settings): void
  /**
   * Trains on a share of the data and judges on the validation part; undefined when it was stopped.
   * @throws SluiceError ERR_GRADIENT_NOT_FINITE when it diverged
   */
  train(settings: Settings, share: number): Promise<Outcome | undefined>
}

export interface SweepTask {
  readonly tries: Tries
  /** What is tried, in order: numbers are places here. */
  readonly candidates: readonly Settings[]
  /** Trials that were run before, of the same candidates and samples. */
  readonly done?: readonly Trial[]
  readonly signal?: AbortSignal
  readonly onTrial?: (trial: Trial) => void
}

export interface SweepResult {
  readonly trials: readonly Trial[]
  /** Of the last rung; none when the signal stopped it, or every trial diverged. */
  readonly best: Trial | undefined
}

/**
 * Tries settings of a model, by successive halving over the share of the data they are trained on. They are judged
 * on the validation part alone: the test part stays unseen for the training that uses what was found.
 */
export async function sweep(task: SweepTask): Promise<SweepResult> {
  const { candidates, signal } = task
  for (const settings of candidates) task.tries.check(settings) // before any is trained
  const trials: Trial[] = []
  let left = candidates.map((_, trial) => trial)
  let values = new Map<number, number | null>()
  const rungs = rungsOf(candidates.length)
  for (const [rung, { share, trials: count }] of rungs.entries()) {
    if (rung > 0) left = promoted(values, count)
    values = new Map()
    for (const trial of left) {
      if (signal?.aborted) return { trials, best: undefined }
      const before = task.done?.find((one) => one.trial === trial && one.rung === rung)
      const one = before ?? (await run(task, trial, rung, share))
      if (one === undefined) return { trials, best: undefined }
      if (before === undefined) task.onTrial?.(one)
      trials.push(one)
      values.set(trial, one.value)
    }
  }
  const [winner] = promoted(values, 1)
  return { trials, best: trials.findLast(({ trial }) => trial === winner) }
}

async function run(task: SweepTask, trial: number, rung: number, share: number): Promise<Trial | undefined> {
  const settings = task.candidates[trial] as Settings
  const head = { kind: 'trial', trial, rung, share, settings } as const
  try {
    const outcome = await task.tries.train(settings, share)
    return outcome && { ...head, ...outcome }
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'ERR_GRADIENT_NOT_FINITE') throw error
    return { ...head, value: null, why: error.message, metrics: {}, examples: 0, seconds: 0 }
  }
}
