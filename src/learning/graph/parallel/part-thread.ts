import { Worker } from 'node:worker_threads'
import { bundleFrom, SluiceError } from '../../../foundation/base/index.ts'
import type { Values } from '../tensor.ts'
import { type ThreadAnswer, type ThreadJob, type ThreadOrder, viewOf } from './job.ts'

/** The other end of thread.ts: one part of a step, computed elsewhere. One run at a time. */
export class PartThread {
  private readonly name: string
  private readonly inputs: ReadonlyMap<string, Values>
  private readonly outputs: ReadonlyMap<string, Float32Array>
  private readonly worker: Worker
  private readonly ended: Promise<void>
  /** Why it cannot run any more. */
  private failure: SluiceError | undefined
  private waiting: { resolve: () => void; reject: (error: SluiceError) => void } | undefined

  private constructor(name: string, job: ThreadJob, path: string) {
    this.name = name
    this.inputs = new Map(job.inputs.map((input) => [input.name, viewOf(input)]))
    this.outputs = new Map(job.outputs.map((output) => [output.name, viewOf(output) as Float32Array]))
    this.worker = new Worker(path, { workerData: job, name: 'training' })
    this.worker.on('message', (said: ThreadAnswer) => {
      if (said.kind === 'failed') this.fail(said.why)
      else this.settle()
    })
    this.worker.on('error', (error) => this.fail(error instanceof Error ? error.message : String(error)))
    this.ended = new Promise((resolve) => {
      this.worker.on('exit', (code) => {
        this.fail(`it ended with code ${code}`)
        resolve()
      })
    })
  }

  /** @throws SluiceError ERR_TRAIN_THREAD when the thread cannot be started */
  static async open(name: string, job: ThreadJob): Promise<PartThread> {
    const path = bundleFrom(import.meta.url, 'training-thread.js')
    if (path === undefined) throw new SluiceError('ERR_TRAIN_THREAD', [name, 'dist/training-thread.js was not built'])
    const thread = new PartThread(name, job, path)
    await thread.answer()
    return thread
  }

  /** Begins a run on values that are copied here. Gives when it is done. @throws SluiceError ERR_TRAIN_THREAD */
  run(feeds: Readonly<Record<string, Values>>): Promise<void> {
    for (const [name, values] of Object.entries(feeds)) this.inputs.get(name)?.set(values)
    const answer = this.answer()
    this.tell('run')
    return answer
  }

  /** What the latest run gave, until the next begins. */
  output(name: string): Float32Array {
    return this.outputs.get(name) as Float32Array
  }

  /** After the run under way: ending a thread amid one would end the process. */
  async close(): Promise<void> {
    this.failure ??= new SluiceError('ERR_TRAIN_THREAD', [this.name, 'it was closed'])
    this.tell('end')
    await this.ended
  }

  private tell(order: ThreadOrder): void {
    this.worker.postMessage(order)
  }

  private answer(): Promise<void> {
    if (this.failure) return Promise.reject(this.failure)
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject }
    })
  }

  private settle(): void {
    this.waiting?.resolve()
    this.waiting = undefined
  }

  private fail(why: string): void {
    this.failure ??= new SluiceError('ERR_TRAIN_THREAD', [this.name, why])
    this.waiting?.reject(this.failure)
    this.waiting = undefined
  }
}
