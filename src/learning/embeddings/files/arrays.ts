import { readWhole, writeWhole } from './file.ts'
import { frame, invalid, openFrame } from './frame.ts'

/** Named float arrays and a JSON value in one file. */
export interface Arrays<T> {
  readonly header: T
  readonly arrays: Readonly<Record<string, Float32Array>>
}

interface ArraysHeader<T> {
  readonly header: T
  readonly sizes: readonly (readonly [name: string, length: number])[]
}

/** Writes the file whole or not at all. ERR_DISK_WRITE when that fails. */
export function writeArrays<T>(path: string, { header, arrays }: Arrays<T>): void {
  const sizes = Object.entries(arrays).map(([name, { length }]) => [name, length] as const)
  const parts = Object.values(arrays).map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  )
  const bodyBytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
  writeWhole(path, frame('arrays', { header, sizes }, bodyBytes, parts))
}

/** ERR_EMBEDDINGS_INVALID for a file that is missing, cut short, damaged or of another kind. */
export function readArrays<T>(path: string): Arrays<T> {
  return readWhole(path, (source) => {
    const reader = openFrame(source, 'arrays', (value) => parse<T>(value))
    const { header, sizes } = reader.header
    const floats = sizes.reduce((sum, [, length]) => sum + length, 0)
    if (floats * 4 !== reader.bodyBytes) throw invalid(path, 'its header does not fit its length')
    const arrays = Object.fromEntries(sizes.map(([name, length]) => [name, new Float32Array(length)]))
    for (const array of Object.values(arrays)) reader.read(array)
    reader.finish()
    return { header, arrays }
  })
}

function parse<T>(value: unknown): ArraysHeader<T> {
  const { sizes } = value as Partial<ArraysHeader<T>>
  const named = Array.isArray(sizes) && sizes.every(([name, length]) => typeof name === 'string' && isCount(length))
  if (!named) throw new TypeError('"sizes" are no names with counts')
  return value as ArraysHeader<T>
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
