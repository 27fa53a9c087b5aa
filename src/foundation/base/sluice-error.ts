import { type ErrorCode, errors } from './errors.ts'

/** An error from the table. Everything else that is thrown is a defect. */
export class SluiceError extends Error {
  readonly code: ErrorCode
  readonly status: number
  /** Its sentence says them; no log line need say them again. */
  readonly #values: readonly string[]

  constructor(code: ErrorCode, values: readonly string[] = [], options?: { cause?: unknown }) {
    const say = errors[code].say as (...values: string[]) => string
    super(say(...values), options)
    this.name = 'SluiceError'
    this.code = code
    this.#values = values
    this.status = errors[code].status
  }

  /** What it was made with: a copy of it can be made in another thread. */
  get values(): readonly string[] {
    return this.#values
  }
}
