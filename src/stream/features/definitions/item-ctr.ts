import { ClickCounts } from '../click-counts.ts'
import { type DefinitionMaker, ranges } from '../definition.ts'

export const itemCtr: DefinitionMaker = ({ state, config, itemRates, scales }) => {
  const counts = new ClickCounts(itemRates, state.kinds, config)
  return {
    name: 'item.ctr',
    entity: 'item',
    dims: ['item.ctr'],
    range: ranges.share,
    say: 'Clicks per impression, decayed and smoothed, 0 to 1; the configured prior when nothing is known.',
    projection: {
      name: 'item.ctr',
      shelve() {}, // the sums are shared
      apply(event) {
        if (event.item >= 0 && counts.counted(event)) counts.add(event.item, event)
      },
      forget() {},
    },
    fill(ask, rows, out, stride, offset) {
      const factor = scales.rate.factor(ask.at)
      for (let i = 0, to = offset; i < rows.length; i++, to += stride) out[to] = counts.rate(rows[i], factor)
    },
  }
}
