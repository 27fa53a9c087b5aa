import { type Shape, sizeOf } from '../shape.ts'

/** A tensor with its values, in 64 bits, so that only the runtime's rounding shows when both are compared. */
export interface NumberArray {
  readonly shape: Shape
  readonly data: Float64Array
}

export function build(shape: Shape, valueAt: (index: readonly number[]) => number): NumberArray {
  const data = new Float64Array(sizeOf(shape))
  const index = shape.map(() => 0)
  for (let i = 0; i < data.length; i++) {
    data[i] = valueAt(index)
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0
  }
  return { shape, data }
}

export function at({ shape, data }: NumberArray, index: readonly number[]): number {
  let offset = 0
  for (let axis = 0; axis < shape.length; axis++) offset = offset * shape[axis] + index[axis]
  return data[offset]
}

/** The value that a broadcast array has at an index of the shape it is broadcast to. */
export function stretched(array: NumberArray, index: readonly number[]): number {
  const own = index.slice(index.length - array.shape.length)
  return at(
    array,
    own.map((position, axis) => (array.shape[axis] === 1 ? 0 : position)),
  )
}
