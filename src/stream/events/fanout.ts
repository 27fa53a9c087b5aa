export interface Subscription<T> extends AsyncIterable<T> {
  /** Values this listener was too slow for. */
  readonly dropped: number
}

/** Values one listener may be behind. */
export const BEHIND_MAX = 1_000

/**
 * Tells values to any number of listeners, none of which can hold the teller up: a slow one loses the oldest values,
 * and they are counted.
 */
export class Fanout<T> {
  private readonly listeners = new Set<(value: T) => void>()

  get size(): number {
    return this.listeners.size
  }

  publish(value: T): void {
    for (const listener of this.listeners) listener(value)
  }

  /** Listens from now on, until the signal aborts or the loop over it ends. Iterate it once. */
  subscribe(signal: AbortSignal, behindMax = BEHIND_MAX): Subscription<T> {
    const waiting: T[] = []
    let dropped = 0
    let wake = () => {}
    const listener = (value: T) => {
      waiting.push(value)
      if (waiting.length > behindMax) {
        waiting.shift()
        dropped++
      }
      wake()
    }
    const stop = () => {
      this.listeners.delete(listener)
      wake()
    }
    if (!signal.aborted) {
      this.listeners.add(listener)
      signal.addEventListener('abort', stop, { once: true })
    }
    async function* values(): AsyncGenerator<T, void, undefined> {
      try {
        while (!signal.aborted) {
          if (waiting.length > 0) yield waiting.shift() as T
          else
            await new Promise<void>((resolve) => {
              wake = resolve
            })
        }
      } finally {
        stop()
        signal.removeEventListener('abort', stop)
      }
    }
    return {
      get dropped() {
        return dropped
      },
      [Symbol.asyncIterator]: values,
    }
  }
}
