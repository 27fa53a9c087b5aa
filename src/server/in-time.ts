import { SluiceError } from '../foundation/base/index.ts'
import type { Log } from '../foundation/telemetry/index.ts'

/**
 * Waits for work no longer than `msMax`. Work that is late goes on behind the answer; when it fails then, the log
 * says so. (Fastify's own `handlerTimeout` aborts a signal on every request, answered or not: a tenth of its cost.)
 * @throws SluiceError ERR_TIMEOUT; what the work throws
 */
export function inTime<T>(work: Promise<T>, msMax: number, log: Log, about: object): Promise<T> {
  return new Promise((resolve, reject) => {
    let late = false
    const timer = setTimeout(() => {
      late = true
      reject(new SluiceError('ERR_TIMEOUT', [String(msMax)]))
    }, msMax)
    work.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        if (late) log.warn({ ...about, error }, 'A request that was given up failed afterwards')
        reject(error)
      },
    )
  })
}
