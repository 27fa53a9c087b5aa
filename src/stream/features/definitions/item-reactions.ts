import { type DefinitionMaker, ranges } from '../definition.ts'
import { smoothedRate } from '../rates.ts'

/** Rates expected of an item that nothing is known about, per consumption. */
const PRIOR_LIKE = 0.05
const PRIOR_SHARE = 0.01

export const itemReactions: DefinitionMaker = ({ state, config, itemRates, scales }) => {
  const first = itemRates.reserve(3) // consumed, likes, shares
  const like = state.kinds.code('like')
  const share = state.kinds.code('share')
  return {
    name: 'item.reactions',
    entity: 'item',
    dims: ['item.like', 'item.share'],
    range: ranges.share,
    say: 'Likes and shares per event that consumed the item, decayed and smoothed, 0 to 1; priors 0.05 and 0.01.',
    projection: {
      name: 'item.reactions',
      shelve() {}, // the sums are shared
      apply(event) {
        if (event.item < 0 || !event.consumes) return
        itemRates.add(event.item, first, event.at)
        if (event.kind === like) itemRates.add(event.item, first + 1, event.at)
        if (event.kind === share) itemRates.add(event.item, first + 2, event.at)
      },
      forget() {},
    },
    fill(ask, rows, out, stride, offset) {
      const factor = scales.rate.factor(ask.at)
      const weight = config.priorImpressions
      for (let i = 0, to = offset; i < rows.length; i++, to += stride) {
        const consumed = itemRates.raw(rows[i], first) * factor
        out[to] = smoothedRate(itemRates.raw(rows[i], first + 1) * factor, consumed, PRIOR_LIKE, weight)
        out[to + 1] = smoothedRate(itemRates.raw(rows[i], first + 2) * factor, consumed, PRIOR_SHARE, weight)
      }
    },
  }
}
