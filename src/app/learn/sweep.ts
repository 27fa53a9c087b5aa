import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hash32, SluiceError } from '../../foundation/base/index.ts'
import { makeFolder } from '../../foundation/store/index.ts'
import type { Config, SettableModel } from '../../domain/index.ts'
import {
  checkSettings,
  draws,
  grid,
  type Settings,
  type Space,
  sweep,
  type SweepResult,
  type Trial,
  type Tries,
} from '../../learning/training/index.ts'
import type { Progress } from '../engine.ts'
import { folderOf } from '../folder.ts'
import { lockTask } from './task-lock.ts'
import { groundOf } from './tries.ts'

export interface SweepOptions {
  readonly data: string
  readonly config: Config
  readonly model: SettableModel
  readonly space: Space
  /** Settings drawn; of a grid, all are tried. */
  readonly trials: number
  readonly grid?: boolean
  readonly epochs?: number
  readonly seed: string
  readonly onProgress?: (progress: Progress) => void
  readonly onTrial?: (trial: Trial) => void
  readonly signal?: AbortSignal
}

export interface SweepReport {
  readonly model: string
  /** Name of the record among the runs. */
  readonly run: string
  /** JSON lines: what was asked, then a line per trial. */
  readonly file: string
  readonly trials: readonly Trial[]
  readonly best: Trial | undefined
}

/** Where records of sweeps lie. */
export const sweepFolder = (models: string): string => join(models, '.sweeps')

/**
 * Tries settings of a model on a data folder. Every trial is kept as it ends: the same sweep asked for again goes
 * on where it was stopped or killed.
 * @throws SluiceError ERR_SWEEP_SPACE, ERR_TRAIN_DATA, ERR_SAMPLES_INVALID, ERR_TRAIN_BUSY while another process makes the
 * same sweep
 */
export async function runSweep(options: SweepOptions): Promise<SweepReport> {
  const { data, config, model, space, trials, seed, epochs } = options
  if (Object.keys(space).length === 0)
    throw new SluiceError('ERR_SWEEP_SPACE', ['nothing', 'name a setting with --set'])
  const usual = config.learning.settings[model] ?? {}
  const candidates = (options.grid ? grid(space) : draws(space, trials, seed)).map((tried) => ({ ...usual, ...tried }))
  for (const settings of candidates) checkSettings(model, settings) // before anything is read
  const { tries, told } = await groundOf(model, options)
  const asked = { model, space, usual, candidates: candidates.length, seed, epochs, ...told }
  const header = JSON.stringify({ kind: 'sweep', ...asked })
  const run = `${model}-${hash32(header).toString(16).padStart(8, '0')}`
  const lock = lockTask(data, `sweep ${run}`)
  try {
    const folder = sweepFolder(folderOf(data).models)
    makeFolder(folder)
    const file = join(folder, `${run}.jsonl`)
    return { model, run, file, ...(await goOn(options, { file, header, tries, candidates })) }
  } finally {
    lock.release()
  }
}

/** Goes on where the record ends. */
function goOn(
  { model, signal, onTrial, onProgress }: SweepOptions,
  { file, header, tries, candidates }: Going,
): Promise<SweepResult> {
  const done = trialsOf(file)
  if (!existsSync(file)) appendFileSync(file, `${header}\n`)
  else if (!readFileSync(file, 'utf8').endsWith('\n')) appendFileSync(file, '\n')
  let ended = done.length
  return sweep({
    ...{ tries, candidates, done },
    ...(signal && { signal }),
    onTrial: (trial) => {
      appendFileSync(file, `${JSON.stringify(trial)}\n`)
      onTrial?.(trial)
      onProgress?.({
        phase: `${model}: trial ${trial.trial + 1} of ${candidates.length}`,
        done: ++ended,
        total: 0,
      })
    },
  })
}

interface Going {
  readonly file: string
  /** First line of the record: what was asked. */
  readonly header: string
  readonly tries: Tries
  readonly candidates: readonly Settings[]
}

/** The trials of a record; a last line that a kill cut short counts as none. */
export function trialsOf(file: string): Trial[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      try {
        const value = JSON.parse(line) as { kind?: string }
        return value.kind === 'trial' ? [value as Trial] : []
      } catch {
        return [] // half a line: the trial is run again
      }
    })
}
