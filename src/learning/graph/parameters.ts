import { Random } from '../../foundation/base/index.ts'
import type { Graph } from './graph.ts'
import { type Shape, sizeOf } from './shape.ts'

/** Where one parameter lies in the flat vector. */
export interface ParameterSlot {
  readonly name: string
  readonly shape: Shape
  /** First element, in elements. */
  readonly offset: number
  readonly length: number
}

/**
 * All parameters of a graph as one vector, in order of making: optimisers, all-reduce and checkpoints see one array.
 * Plain data, so that a manifest can hold it.
 */
export interface ParameterLayout {
  /** Elements of the flat vector. */
  readonly size: number
  readonly slots: readonly ParameterSlot[]
}

export function layoutOf(g: Graph): ParameterLayout {
  let offset = 0
  const slots = g.parameters.map(({ source, shape }) => {
    const length = sizeOf(shape)
    const slot = { name: 'name' in source ? source.name : '', shape, offset, length }
    offset += length
    return slot
  })
  return { size: offset, slots }
}

/** The part of a flat vector that is one parameter: a view, not a copy. */
export const slotView = (flat: Float32Array, { offset, length }: ParameterSlot): Float32Array =>
  flat.subarray(offset, offset + length)

/** Views of all parameters by name. */
export function parameterViews(layout: ParameterLayout, flat: Float32Array): Record<string, Float32Array> {
  checkFlat('parameters', layout, flat)
  return Object.fromEntries(layout.slots.map((slot) => [slot.name, slotView(flat, slot)]))
}

/** Fresh values by each parameter's initialiser, written into `flat` if given. Equal seeds give equal values. */
export function initialParameters(g: Graph, seed: string | number, flat?: Float32Array): Float32Array {
  const layout = layoutOf(g)
  const vector = flat ?? new Float32Array(layout.size)
  checkFlat('parameters', layout, vector)
  for (const [i, { source, shape }] of g.parameters.entries()) {
    if (source.kind !== 'parameter') continue
    vector.set(source.initialiser(shape, new Random(`${seed} ${source.name}`)), layout.slots[i]?.offset)
  }
  return vector
}

export function checkFlat(what: string, { size }: ParameterLayout, flat: Float32Array): void {
  if (flat.length !== size) throw new RangeError(`Cannot use a vector of ${flat.length} ${what}: the graph has ${size}`)
}
