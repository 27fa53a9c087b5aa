export type Numbers =
  | Float64Array
  | Float32Array
  | Uint32Array
  | Int32Array
  | Uint16Array
  | Int16Array
  | Uint8Array
  | Int8Array

export type NumbersConstructor<T extends Numbers> = { new (length: number): T }

/** A longer copy of an array with zeros at its end, in memory of the same kind: shared if the array is. */
export function grown<T extends Numbers>(array: T, length: number): T {
  const make = array.constructor as { new (buffer: ArrayBufferLike): T } & { readonly BYTES_PER_ELEMENT: number }
  const bytes = length * make.BYTES_PER_ELEMENT
  const shared = array.buffer instanceof SharedArrayBuffer
  const copy = new make(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes))
  copy.set(array)
  return copy
}
