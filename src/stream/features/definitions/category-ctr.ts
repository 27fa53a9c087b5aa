import { ClickCounts } from '../click-counts.ts'
import { DecayedRows } from '../decayed.ts'
import { type DefinitionMaker, ranges } from '../definition.ts'
import { RowMemo } from '../row-memo.ts'
import { fillOverCategories } from './over-categories.ts'

export const categoryCtr: DefinitionMaker = ({ state: { items, kinds }, config, scales }) => {
  const sums = new DecayedRows(scales.rate, 0)
  const counts = new ClickCounts(sums, kinds, config)
  const memo = new RowMemo()
  return {
    name: 'category.ctr',
    entity: 'category',
    dims: ['category.ctr.max', 'category.ctr.mean'],
    range: ranges.share,
    say: 'Greatest and mean smoothed click rate of the item’s categories; the prior for an item without categories.',
    projection: {
      name: 'category.ctr',
      shelve(shelf) {
        shelf.part('sums', sums)
      },
      apply(event) {
        if (event.item < 0 || !counts.counted(event)) return
        const { categoriesOf } = items
        for (let c = categoriesOf.length(event.item) - 1; c >= 0; c--) counts.add(categoriesOf.at(event.item, c), event)
      },
      forget() {},
    },
    fill(ask, rows, out, stride, offset) {
      const factor = scales.rate.factor(ask.at)
      const rate = (category: number) => counts.rate(category, factor)
      fillOverCategories(items, memo, rate, config.priorCtr, rows, out, stride, offset)
    },
  }
}
