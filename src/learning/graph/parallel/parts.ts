import { sayShape, type Shape, sizeOf } from '../shape.ts'
import { nameOf } from '../training-step.ts'
import type { Tensor } from '../tensor.ts'

/** Rows of each part: as even as can be, the first ones longer. No more parts than rows. */
export function rowsOfParts(rows: number, threads: number): number[] {
  const parts = Math.max(1, Math.min(threads, rows))
  return Array.from({ length: parts }, (_, part) => Math.floor(rows / parts) + (part < rows % parts ? 1 : 0))
}

/** Elements of an input that go to one part: its rows, or all where every part reads the same. */
export interface Portion {
  readonly name: string
  readonly dtype: Tensor['dtype']
  readonly parted: boolean
  readonly from: number
  readonly length: number
}

/**
 * What part [first, first + own) of `rows` takes of each input, told from the shapes alone: an input whose first axis is
 * as much shorter in the part's graph as the part is, is parted; one of equal shape is shared.
 */
export function portionsOf(
  whole: readonly Tensor[],
  part: readonly Tensor[],
  rows: { readonly all: number; readonly first: number; readonly own: number },
): Portion[] {
  const shapes = new Map(part.map((t) => [nameOf(t), t.shape]))
  return whole.map((t) => {
    const name = nameOf(t)
    const own = shapes.get(name)
    const size = sizeOf(t.shape)
    if (own === undefined) throw new TypeError(`Cannot part the batch: the part's graph has no input "${name}"`)
    if (sayShape(own) === sayShape(t.shape)) return { name, dtype: t.dtype, parted: false, from: 0, length: size }
    if (!scales(t.shape, own, rows))
      throw new TypeError(`Cannot part "${name}" by rows: ${sayShape(t.shape)} became ${sayShape(own)}`)
    const each = size / rows.all
    return { name, dtype: t.dtype, parted: true, from: rows.first * each, length: rows.own * each }
  })
}

function scales(whole: Shape, part: Shape, { all, own }: { readonly all: number; readonly own: number }): boolean {
  const [first, ...rest] = whole as readonly [number, ...number[]]
  const [ownFirst, ...ownRest] = part as readonly [number, ...number[]]
  return first % all === 0 && ownFirst === (first / all) * own && sayShape(rest) === sayShape(ownRest)
}
