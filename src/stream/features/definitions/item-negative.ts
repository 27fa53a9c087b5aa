import { type DefinitionMaker, ranges } from '../definition.ts'
import { smoothedRate } from '../rates.ts'

const PRIOR_NEGATIVE = 0.005

export const itemNegative: DefinitionMaker = ({ state, config, itemRates, scales }) => {
  const first = itemRates.reserve(2) // impressions, negatives
  const impression = state.kinds.code('impression')
  const negatives = [state.kinds.code('report'), state.kinds.code('not-interested')]
  return {
    name: 'item.negative',
    entity: 'item',
    dims: ['item.negative'],
    range: ranges.share,
    say: 'Reports and wavings away per impression, decayed and smoothed, 0 to 1; prior 0.005.',
    projection: {
      name: 'item.negative',
      shelve() {}, // the sums are shared
      apply(event) {
        if (event.item < 0) return
        if (event.kind === impression) itemRates.add(event.item, first, event.at)
        else if (negatives.includes(event.kind)) itemRates.add(event.item, first + 1, event.at)
      },
      forget() {},
    },
    fill(ask, rows, out, stride, offset) {
      const factor = scales.rate.factor(ask.at)
      for (let i = 0, to = offset; i < rows.length; i++, to += stride) {
        const shown = itemRates.raw(rows[i], first) * factor
        out[to] = smoothedRate(
          itemRates.raw(rows[i], first + 1) * factor,
          shown,
          PRIOR_NEGATIVE,
          config.priorImpressions,
        )
      }
    },
  }
}
