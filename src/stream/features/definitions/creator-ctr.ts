import { ClickCounts } from '../click-counts.ts'
import { DecayedRows } from '../decayed.ts'
import { type DefinitionMaker, ranges } from '../definition.ts'

export const creatorCtr: DefinitionMaker = ({ state: { items, kinds }, config, scales }) => {
  const sums = new DecayedRows(scales.rate, 0)
  const counts = new ClickCounts(sums, kinds, config)
  return {
    name: 'creator.ctr',
    entity: 'creator',
    dims: ['creator.ctr'],
    range: ranges.share,
    say: 'Clicks per impression over all items of the creator, decayed and smoothed; the prior when unknown.',
    projection: {
      name: 'creator.ctr',
      shelve(shelf) {
        shelf.part('sums', sums)
      },
      apply(event) {
        if (event.creator >= 0 && counts.counted(event)) counts.add(event.creator, event)
      },
      forget() {},
    },
    fill(ask, rows, out, stride, offset) {
      const factor = scales.rate.factor(ask.at)
      for (let i = 0, to = offset; i < rows.length; i++, to += stride)
        out[to] = counts.rate(items.creator.array[rows[i]], factor)
    },
  }
}
