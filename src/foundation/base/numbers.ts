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

let made = 0

/** Arrays of state made in this thread so far: while this number stands, no part holds another array than before. */
export function arraysMade(): number {
  return made
}

/** A new array of zeros that may become part of the state. */
export function zeros<T extends Numbers>(make: NumbersConstructor<T>, length: number): T {
  made++
  return new make(length)
}

/** The same array in memory that threads share; itself when it lies there. */
export function inShared<T extends Numbers>(array: T): T {
  if (array.buffer instanceof SharedArrayBuffer) return array
  const make = array.constructor as { new (buffer: ArrayBufferLike): T }
  const copy = new make(new SharedArrayBuffer(array.byteLength))
  copy.set(array)
  return copy
}

/** A longer copy of an array with zeros at its end, in memory of the same kind: shared if the array is. */
export function grown<T extends Numbers>(array: T, length: number): T {
  made++
  const make = array.constructor as { new (buffer: ArrayBufferLike): T } & { readonly BYTES_PER_ELEMENT: number }
  const bytes = length * make.BYTES_PER_ELEMENT
  const shared = array.buffer instanceof SharedArrayBuffer
  const copy = new make(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes))
  copy.set(array)
  return copy
}
