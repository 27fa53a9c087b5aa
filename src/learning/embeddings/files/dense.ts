import type { DenseVector } from '../dense/vector.ts'
import { bytesSource, frame, invalid, joined, openFrame } from './frame.ts'

interface DenseHeader {
  readonly name: string
  readonly size: number
  readonly optimiser: string
  readonly steps: number
}

function parse(value: unknown): DenseHeader {
  const header = value as DenseHeader
  for (const count of [header.size, header.steps]) {
    if (!Number.isSafeInteger(count) || count < 0) throw new TypeError('sizes are no counts')
  }
  return header
}

/** The weights and the optimiser's state, so that training goes on from them to the same bits. */
export function encodeDense(vector: DenseVector): Uint8Array<ArrayBuffer> {
  const parts = [vector.weights, ...vector.state].map((array) => bytes(array))
  const { name, size, steps } = vector
  const header: DenseHeader = { name, size, optimiser: JSON.stringify(vector.optimiser), steps }
  return joined(frame('dense', header, parts.length * size * 4, parts))
}

/** Puts a vector back where it was. ERR_EMBEDDINGS_INVALID, and no change, for bytes of another or damaged ones. */
export function restoreDense(vector: DenseVector, saved: Uint8Array): void {
  const name = `the saved weights "${vector.name}"`
  const reader = openFrame(bytesSource(name, saved), 'dense', parse)
  const { header } = reader
  const optimiser = JSON.stringify(vector.optimiser)
  if (header.name !== vector.name || header.size !== vector.size || header.optimiser !== optimiser) {
    throw invalid(name, `they are ${header.size} weights of "${header.name}" under ${header.optimiser}`)
  }
  const arrays = [vector.weights, ...vector.state].map(() => new Float32Array(vector.size))
  for (const array of arrays) reader.read(array)
  reader.finish()
  for (const [i, array] of [vector.weights, ...vector.state].entries()) array.set(arrays[i])
  vector.steps = header.steps
}

const bytes = ({ buffer, byteOffset, byteLength }: Float32Array<ArrayBuffer>): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
