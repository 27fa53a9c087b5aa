import { DecayedRows } from '../decayed.ts'
import type { DefinitionMaker } from '../definition.ts'
import { smoothedRate } from '../rates.ts'

const PRIOR_NEGATIVE = 0.005

export const itemNegative: DefinitionMaker = ({ state, config, scales }) => {
  const sums = new DecayedRows(scales.rate, 2) // impressions, negatives
  const impression = state.kinds.code('impression')
  const negatives = [state.kinds.code('report'), state.kinds.code('not-interested')]
  return {
    name: 'item.negative',
    entity: 'item',
    dims: ['item.negative'],
    say: 'Reports and wavings away per impression, decayed and smoothed, 0 to 1; prior 0.005.',
    projection: {
      name: 'item.negative',
      get bytes() {
        return sums.bytes
      },
      apply(event) {
        if (event.item < 0) return
        if (event.kind === impression) sums.add(event.item, 0, event.at)
        else if (negatives.includes(event.kind)) sums.add(event.item, 1, event.at)
      },
      forget() {},
    },
    fill(ask, rows, out, stride, offset) {
      const factor = scales.rate.factor(ask.at)
      for (let i = 0, to = offset; i < rows.length; i++, to += stride) {
        const shown = sums.raw(rows[i], 0) * factor
        out[to] = smoothedRate(sums.raw(rows[i], 1) * factor, shown, PRIOR_NEGATIVE, config.priorImpressions)
      }
    },
  }
}
