import type { Items } from '../../catalog/index.ts'
import type { RowMemo } from '../row-memo.ts'

/** Writes the greatest and the mean value of each item's categories; `neutral` twice for an item without any. */
export function fillOverCategories(
  items: Items,
  memo: RowMemo,
  value: (category: number) => number,
  neutral: number,
  rows: Uint32Array,
  out: Float32Array,
  stride: number,
  offset: number,
): void {
  const { categoriesOf } = items
  memo.clear()
  for (let i = 0, to = offset; i < rows.length; i++, to += stride) {
    const count = categoriesOf.length(rows[i])
    let greatest = Number.NEGATIVE_INFINITY
    let sum = 0
    for (let c = 0; c < count; c++) {
      const category = categoriesOf.at(rows[i], c)
      let one = memo.get(category)
      if (Number.isNaN(one)) one = memo.set(category, value(category))
      if (one > greatest) greatest = one
      sum += one
    }
    out[to] = count === 0 ? neutral : greatest
    out[to + 1] = count === 0 ? neutral : sum / count
  }
}
