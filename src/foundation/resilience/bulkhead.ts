import { SluiceError } from '../base/index.ts'

interface Waiting {
  readonly start: () => void
}

/**
 * Lets a few pieces of work run at once and a few more wait, first come first served; the rest is refused at once.
 * Keeps one kind of work from taking what all the others need.
 */
export class Bulkhead {
  private readonly name: string
  private readonly runningMax: number
  private readonly waitingMax: number
  private readonly queue: Waiting[] = []
  private active = 0

  /** @param name what is full, in the words of the error: "the queue of erasures" */
  constructor(name: string, options: { runningMax: number; waitingMax: number }) {
    const { runningMax, waitingMax } = options
    if (!(runningMax >= 1)) throw new RangeError(`runningMax must be at least 1, not ${runningMax}`)
    if (!(waitingMax >= 0)) throw new RangeError(`waitingMax must be at least 0, not ${waitingMax}`)
    this.name = name
    this.runningMax = runningMax
    this.waitingMax = waitingMax
  }

  get running(): number {
    return this.active
  }

  get waiting(): number {
    return this.queue.length
  }

  /** Would the next piece of work be refused? */
  get full(): boolean {
    return this.active >= this.runningMax && this.queue.length >= this.waitingMax
  }

  /**
   * Runs the work when there is room. A signal that aborts while it waits takes it out of the queue.
   * @throws SluiceError ERR_OVERLOADED when the queue is full; what the work throws; the signal's reason
   */
  async run<T>(work: () => T | Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    if (this.active < this.runningMax) this.active++
    else await this.turn(signal)
    try {
      return await work()
    } finally {
      this.release()
    }
  }

  private turn(signal?: AbortSignal): Promise<void> {
    if (this.queue.length >= this.waitingMax) throw new SluiceError('ERR_OVERLOADED', [this.name])
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.queue.splice(this.queue.indexOf(waiting), 1)
        reject(signal?.reason)
      }
      const waiting: Waiting = {
        start: () => {
          signal?.removeEventListener('abort', giveUp)
          resolve()
        },
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      this.queue.push(waiting)
    })
  }

  /** Hands the place to the next one, so that nobody who comes later can slip in between. */
  private release(): void {
    const next = this.queue.shift()
    if (next) next.start()
    else this.active--
  }
}
