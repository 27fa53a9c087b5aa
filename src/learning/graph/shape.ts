/** Lengths of the axes, outermost first. [] is a scalar. Every axis is known when the graph is built. */
export type Shape = readonly number[]

export const sizeOf = (shape: Shape): number => shape.reduce((size, length) => size * length, 1)

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((length, axis) => length === b[axis])

export const sayShape = (shape: Shape): string => `[${shape.join(', ')}]`

/** A shape as given by a caller, or a RangeError that says whose it is. */
export function checkShape(what: string, shape: Shape): Shape {
  if (!shape.every((length) => Number.isInteger(length) && length > 0)) {
    throw new RangeError(`Cannot make ${what} of shape ${sayShape(shape)}: every axis is a whole number above 0`)
  }
  return [...shape]
}

/** An axis counted from the front; negative ones count from the back. */
export function axisOf(axis: number, rank: number): number {
  const found = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(found) || found < 0 || found >= rank) {
    throw new RangeError(`Cannot use axis ${axis} of a tensor with ${rank} axes`)
  }
  return found
}

/**
 * The shape two operands meet in: aligned at the last axis, a missing axis or one of length 1 stretches to the other's
 * length, as in NumPy.
 */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1
    const y = b[b.length - rank + i] ?? 1
    if (x !== y && x !== 1 && y !== 1) {
      throw new RangeError(`Cannot broadcast ${sayShape(a)} with ${sayShape(b)}: ${x} meets ${y}`)
    }
    return x === 1 ? y : x
  })
}

/** The axes of `wide` along which a tensor of shape `narrow` was repeated to fill it. */
export function repeatedAxes(narrow: Shape, wide: Shape): number[] {
  const lead = wide.length - narrow.length
  return wide.flatMap((length, axis) => (axis < lead || (narrow[axis - lead] === 1 && length !== 1) ? [axis] : []))
}

/** The shape after reducing some axes, which stay with length 1 or go. */
export function reducedShape(shape: Shape, axes: readonly number[], keep: boolean): Shape {
  return shape.flatMap((length, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [length]))
}
