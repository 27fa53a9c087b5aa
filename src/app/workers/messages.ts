import type { MessagePort } from 'node:worker_threads'
import type { Config, SlateRequest } from '../../domain/index.ts'
import { type ErrorCode, type Handover, type LockCells, SluiceError } from '../../foundation/base/index.ts'
import type { Injection } from '../../serving/ladder/index.ts'
import type { SlimModel } from '../../serving/retrieval/index.ts'
import type { LentIndexes } from '../learn/index-lives.ts'
import type { ModelInUse } from '../learn/live.ts'
import type { Made } from '../serve/made.ts'
import type { ShadowNews } from '../serve/shadows.ts'

/** What a thread begins with. */
export interface ThreadOrder {
  readonly data: string
  readonly config: Config
  /** Of the configuration and the version. */
  readonly digest: string
  /** Is a record for the served log wanted of each slate? */
  readonly records: boolean
  readonly cells: LockCells
  /** Its place among the readers of the lock. */
  readonly reader: number
  /** The arrays of the state as of this generation; later ones come through `states`. */
  readonly handover: Handover
  readonly generation: number
  readonly states: MessagePort
  readonly injections: readonly Injection[]
  readonly slim: BuiltSlim | undefined
  readonly lead: Lead
}

/** What the threads follow: the models in use, in the order of the parts, and the indexes that go with them. */
export interface Lead {
  readonly models: readonly ModelInUse[]
  readonly indexes: LentIndexes
}

export interface BuiltSlim {
  readonly model: SlimModel
  readonly entries: number
}

/** Arrays that were replaced, and the generation that this makes. */
export interface NewArrays extends Handover {
  readonly generation: number
}

export interface SlateOrder {
  readonly kind: 'slate'
  readonly id: number
  readonly request: SlateRequest
  readonly turn: number
  /** Milliseconds between the arrival of the request and `sentAt`, a moment of `machineMs`. */
  readonly waitedMs: number
  readonly sentAt: number
}

export type ToThread =
  | SlateOrder
  | { readonly kind: 'forget'; readonly id: number; readonly row: number }
  | { readonly kind: 'faults'; readonly injections: readonly Injection[] }
  | { readonly kind: 'slim'; readonly slim: BuiltSlim }
  | { readonly kind: 'follow'; readonly lead: Lead }
  | { readonly kind: 'stop' }

export type FromThread =
  | { readonly kind: 'ready' }
  /** `waits`: how long it waited for changes of the state since the last one, each time, in milliseconds. */
  | { readonly kind: 'made'; readonly id: number; readonly made: Made; readonly waits: readonly number[] }
  | { readonly kind: 'failed'; readonly id: number; readonly error: SentError }
  | { readonly kind: 'shadowed'; readonly news: ShadowNews }
  | { readonly kind: 'forgotten'; readonly id: number }
  | {
      readonly kind: 'log'
      readonly level: 'debug' | 'info' | 'warn' | 'error'
      readonly fields: object
      readonly text: string
    }

/** An error on its way between threads: its class does not survive the way by itself. */
export interface SentError {
  readonly code?: ErrorCode
  readonly values?: readonly string[]
  readonly message: string
  readonly stack?: string | undefined
}

export function sentError(error: unknown): SentError {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return error instanceof SluiceError ? { code: error.code, values: error.values, message, stack } : { message, stack }
}

export function receivedError({ code, values, message, stack }: SentError): Error {
  const error = code ? new SluiceError(code, values) : new Error(message)
  if (stack !== undefined) error.stack = stack
  return error
}

/** Milliseconds on a scale that all threads of the process share. */
export function machineMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e3 + nanoseconds / 1e6
}

/** The memory that moves to the other thread with a slate; the columns are copied: scores that are kept share theirs. */
export function movedBuffers({ record }: Made): ArrayBuffer[] {
  const buffer = record?.bytes.buffer
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === record?.bytes.byteLength
  return whole ? [buffer] : []
}
