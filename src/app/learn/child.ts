/**
 * A process that trains: `TrainerProcess` starts it with the engine's folder and configuration, is told of progress and
 * reports, and ends it. One model that cannot be trained does not keep the others from it.
 */
import type { Config, ModelName } from '../../domain/index.ts'
import type { Progress } from '../engine.ts'
import { type OnlineReport, trainOnline } from './online.ts'
import type { TrainReport } from './report.ts'
import { trainWith } from './train.ts'
import { Workshop } from './workshop.ts'

export interface TrainOrder {
  readonly data: string
  readonly config: Config
  readonly models: readonly ModelName[]
  /** Most passes over the data, where a model is not to have all it likes. */
  readonly epochs?: Readonly<Partial<Record<ModelName, number>>>
  /** Go on training the model of `learning.online` until it is stopped, in place of `models`. */
  readonly online?: boolean
}

export type TrainNews =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'trained'; readonly report: TrainReport }
  | { readonly kind: 'failed'; readonly model: ModelName; readonly message: string }
  | { readonly kind: 'online'; readonly report: OnlineReport }
  | { readonly kind: 'done' }

/** Time between two reports of progress. */
const TELL_MS = 250

/** Told to stop, or left alone: it writes a checkpoint and ends. */
const stopping = new AbortController()
process.on('disconnect', () => stopping.abort())
process.on('SIGINT', () => undefined) // Ctrl-C reaches the whole group; the server says when to end
process.once('message', (order: TrainOrder) => void (order.online ? goOn(order) : carryOut(order)))

function tell(news: TrainNews): void {
  if (process.connected) process.send?.(news)
}

/** An error ends the process: whoever started it says whether it begins again. */
async function goOn({ data, config }: TrainOrder): Promise<void> {
  const { model, ...rhythm } = config.learning.online
  if (model !== 'none') {
    const onReport = (report: OnlineReport) => tell({ kind: 'online', report })
    await trainOnline({ data, config, model, ...rhythm, signal: stopping.signal, onReport })
  }
  end()
}

function end(): void {
  tell({ kind: 'done' })
  process.disconnect?.()
}

async function carryOut({ data, config, models, epochs = {} }: TrainOrder): Promise<void> {
  let told = 0
  let phase = ''
  const onProgress = (progress: Progress) => {
    const now = performance.now()
    if (progress.phase === phase && now - told < TELL_MS) return
    told = now
    phase = progress.phase
    tell({ kind: 'progress', progress })
  }
  const { signal } = stopping
  const workshop = new Workshop(data, config, onProgress)
  for (const model of models) {
    if (signal.aborted) break
    try {
      const most = epochs[model]
      const asked = { data, config, model, onProgress, signal, ...(most !== undefined && { epochs: most }) }
      tell({ kind: 'trained', report: await trainWith(workshop, asked) })
    } catch (error) {
      if (signal.aborted) break
      tell({ kind: 'failed', model, message: error instanceof Error ? error.message : String(error) })
    }
  }
  end()
}
