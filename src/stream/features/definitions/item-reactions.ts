import { DecayedRows } from '../decayed.ts'
import type { DefinitionMaker } from '../definition.ts'
import { smoothedRate } from '../rates.ts'

/** Rates expected of an item that nothing is known about, per consumption. */
const PRIOR_LIKE = 0.05
const PRIOR_SHARE = 0.01

export const itemReactions: DefinitionMaker = ({ state, config, scales }) => {
  const sums = new DecayedRows(scales.rate, 3) // consumed, likes, shares
  const like = state.kinds.code('like')
  const share = state.kinds.code('share')
  return {
    name: 'item.reactions',
    entity: 'item',
    dims: ['item.like', 'item.share'],
    say: 'Likes and shares per event that consumed the item, decayed and smoothed, 0 to 1; priors 0.05 and 0.01.',
    projection: {
      name: 'item.reactions',
      get bytes() {
        return sums.bytes
      },
      apply(event) {
        if (event.item < 0 || !event.consumes) return
        sums.add(event.item, 0, event.at)
        if (event.kind === like) sums.add(event.item, 1, event.at)
        if (event.kind === share) sums.add(event.item, 2, event.at)
      },
      forget() {},
    },
    fill(ask, rows, out, stride, offset) {
      const factor = scales.rate.factor(ask.at)
      const weight = config.priorImpressions
      for (let i = 0, to = offset; i < rows.length; i++, to += stride) {
        const consumed = sums.raw(rows[i], 0) * factor
        out[to] = smoothedRate(sums.raw(rows[i], 1) * factor, consumed, PRIOR_LIKE, weight)
        out[to + 1] = smoothedRate(sums.raw(rows[i], 2) * factor, consumed, PRIOR_SHARE, weight)
      }
    },
  }
}
