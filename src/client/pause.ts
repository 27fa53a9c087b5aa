/** The first wait between two tries, milliseconds; each following one is twice as long, up to the longest. */
const FIRST_MS = 100
const LONGEST_MS = 30_000

/** How long to wait after a number of failures in a row: half of it is chance, so that many clients do not come back as one. */
export function retryDelay(failures: number): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20))
  return most * (0.5 + Math.random() / 2)
}

/** Waits; ends early, without an error, when the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}
