/** Repeats something until it is told to stop; one run at a time. What fails is tried again the next time. */
export function every(
  ms: number,
  work: () => void | Promise<void>,
  failed: (error: unknown) => void,
): () => Promise<void> {
  let running: Promise<void> | undefined
  const timer = setInterval(() => {
    running ??= Promise.resolve()
      .then(work)
      .catch(failed)
      .finally(() => {
        running = undefined
      })
  }, ms)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await running
  }
}
