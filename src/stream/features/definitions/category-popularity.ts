import { DecayedRows } from '../decayed.ts'
import { type DefinitionMaker, ranges } from '../definition.ts'
import { RowMemo } from '../row-memo.ts'
import { fillOverCategories } from './over-categories.ts'

export const categoryPopularity: DefinitionMaker = ({ state: { items }, popularity: { scale } }) => {
  const sums = new DecayedRows(scale)
  const memo = new RowMemo()
  return {
    name: 'category.popularity',
    entity: 'category',
    dims: ['category.popularity.max', 'category.popularity.mean'],
    range: ranges.log,
    say: 'Greatest and mean log(1 + decayed sum of positive strength) of the item’s categories; 0 without categories.',
    projection: {
      name: 'category.popularity',
      shelve(shelf) {
        shelf.part('sums', sums)
      },
      apply(event) {
        if (event.item < 0 || !(event.strength > 0)) return
        const { categoriesOf } = items
        for (let c = categoriesOf.length(event.item) - 1; c >= 0; c--)
          sums.add(categoriesOf.at(event.item, c), 0, event.at, event.strength)
      },
      forget() {},
    },
    fill(ask, rows, out, stride, offset) {
      const factor = scale.factor(ask.at)
      const mass = (category: number) => Math.log1p(sums.raw(category) * factor)
      fillOverCategories(items, memo, mass, 0, rows, out, stride, offset)
    },
  }
}
