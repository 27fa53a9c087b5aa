import { UserAffinity } from '../user-affinity.ts'
import { type DefinitionMaker, ranges } from '../definition.ts'
import { RowMemo } from '../row-memo.ts'
import { fillOverCategories } from './over-categories.ts'

export const affinityCategory: DefinitionMaker = ({ state: { items }, scales }) => {
  const affinity = new UserAffinity(scales.affinity)
  const memo = new RowMemo()
  return {
    name: 'affinity.category',
    entity: 'user x category',
    dims: ['affinity.category', 'affinity.category.mean'],
    range: ranges.signed,
    say: 'Signed share of the user’s taste that was about the category, decayed, -1 to 1: greatest and mean over the item’s categories; 0 when unknown.',
    projection: {
      name: 'affinity.category',
      shelve(shelf) {
        shelf.part('affinity', affinity)
      },
      apply(event) {
        if (event.user < 0 || event.item < 0 || event.strength === 0) return
        const { categoriesOf } = items
        const count = categoriesOf.length(event.item)
        if (count === 0) return
        affinity.addTotal(event.user, event.at, event.strength)
        for (let c = 0; c < count; c++)
          affinity.add(event.user, categoriesOf.at(event.item, c), event.at, event.strength)
      },
      forget(user) {
        affinity.forget(user)
      },
    },
    fill(ask, rows, out, stride, offset) {
      const share = (category: number) => affinity.share(ask.user, category)
      fillOverCategories(items, memo, share, 0, rows, out, stride, offset)
    },
  }
}
