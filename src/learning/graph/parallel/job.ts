import type { ParameterLayout } from '../parameters.ts'
import type { SessionOptions } from '../session.ts'
import type { DType, Values } from '../tensor.ts'

/** An array in memory that two threads see. */
export interface SharedArray {
  readonly name: string
  readonly dtype: DType
  readonly memory: SharedArrayBuffer
}

/** What a thread is started with. */
export interface ThreadJob {
  readonly model: Uint8Array
  readonly options: SessionOptions
  readonly layout: ParameterLayout
  /** The weights, float32, written before every run. */
  readonly parameters: SharedArrayBuffer
  readonly inputs: readonly SharedArray[]
  readonly outputs: readonly SharedArray[]
}

export type ThreadOrder = 'run' | 'end'
export type ThreadAnswer = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly why: string }

export const sharedArray = (name: string, dtype: DType, length: number): SharedArray => ({
  name,
  dtype,
  memory: new SharedArrayBuffer(length * 4),
})

export const viewOf = ({ dtype, memory }: SharedArray): Values =>
  dtype === 'int32' ? new Int32Array(memory) : new Float32Array(memory)
