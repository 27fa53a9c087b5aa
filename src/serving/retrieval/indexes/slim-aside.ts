import { Worker } from 'node:worker_threads'
import { bundleFrom } from '../../../foundation/base/index.ts'
import { basketsOf, coveredItems } from './slim-baskets.ts'
import type { SlimGround, SlimModel, SlimOptions } from './slim-builder.ts'
import { SLIM_ITEMS_MAX, type SlimJob, type SlimWeights } from './slim-solver.ts'

/** Baskets of several users in a row; `ends`: one past the last place of each. */
export interface Baskets {
  readonly places: Uint32Array
  readonly ends: Uint32Array
}

/** Places in one message to the thread. */
const PLACES_MAX = 1 << 16

export interface AsideOptions extends SlimOptions {
  /** Called now and then, between two pieces of what has to be done on this thread: rests when it is time to. */
  readonly rest: () => Promise<void> | undefined
  /** Stopped: the thread ends, and what was begun comes to nothing. */
  readonly signal: AbortSignal
}

/** The file that a thread begins with; undefined in a build of one's own that leaves it out. */
const threadFile = (): string | undefined => bundleFrom(import.meta.url, 'slim-thread.js')

/** Can a model be learnt aside? */
export const learnsAside = (): boolean => threadFile() !== undefined

/**
 * Learns the model in a thread of low priority: this one only reads who consumed what, and hands it over piece by piece.
 * Equal to what is built here. Undefined when it was stopped. @throws Error when the thread ends by accident
 */
export async function buildSlimAside(
  { histories, users, rows }: SlimGround,
  { items, support, ridge, rest, signal }: AsideOptions,
): Promise<SlimModel | undefined> {
  const file = threadFile()
  if (file === undefined) throw new RangeError('Cannot learn the linear model aside: the file of its thread is missing')
  const covering = coveredItems(histories, users, rows, Math.min(items, SLIM_ITEMS_MAX))
  let step = covering.next()
  for (; !step.done; step = covering.next()) await rest()
  const { chosen, placeOf } = step.value
  if (signal.aborted) return undefined
  const thread = new SolvingThread(file, { chosen, users, support, ridge }, signal)
  for (const basket of basketsOf(histories, users, step.value)) {
    if (signal.aborted) break
    thread.add(basket)
    const resting = rest()
    if (resting) await resting
  }
  const weights = await thread.solve()
  return weights && { placeOf, ...weights }
}

class SolvingThread {
  private readonly worker: Worker
  private readonly solved: Promise<SlimWeights | undefined>
  private places = new Uint32Array(PLACES_MAX)
  private length = 0
  private ends: number[] = []

  constructor(file: string, job: SlimJob, signal: AbortSignal) {
    this.worker = new Worker(file, { workerData: job, name: 'slim' })
    this.worker.unref()
    const stop = () => void this.worker.terminate()
    signal.addEventListener('abort', stop, { once: true })
    this.solved = new Promise<SlimWeights | undefined>((resolve, reject) => {
      this.worker.once('message', resolve)
      this.worker.once('error', reject)
      this.worker.once('exit', (code) =>
        signal.aborted
          ? resolve(undefined)
          : reject(new Error(`The thread of the linear model ended with code ${code}`)),
      )
    }).finally(() => signal.removeEventListener('abort', stop))
    this.solved.catch(() => undefined) // told by `solve`
  }

  add(basket: Uint32Array): void {
    if (this.length + basket.length > PLACES_MAX) this.send()
    this.places.set(basket, this.length)
    this.length += basket.length
    this.ends.push(this.length)
  }

  solve(): Promise<SlimWeights | undefined> {
    this.send()
    this.worker.postMessage('solve')
    return this.solved
  }

  private send(): void {
    const baskets: Baskets = { places: this.places.slice(0, this.length), ends: Uint32Array.from(this.ends) }
    this.worker.postMessage(baskets, [baskets.places.buffer as ArrayBuffer, baskets.ends.buffer as ArrayBuffer])
    this.length = 0
    this.ends = []
  }
}
