import { DecayedRows } from '../decayed.ts'
import type { DefinitionMaker } from '../definition.ts'
import { smoothedMean } from '../rates.ts'

export const itemCompletion: DefinitionMaker = ({ config, scales }) => {
  const sums = new DecayedRows(scales.rate, 2) // share watched, watches
  return {
    name: 'item.completion',
    entity: 'item',
    dims: ['item.completion'],
    say: 'Mean share watched, decayed and smoothed, 0 to 1; the configured prior when nobody watched.',
    projection: {
      name: 'item.completion',
      get bytes() {
        return sums.bytes
      },
      apply(event) {
        if (event.item < 0 || Number.isNaN(event.completion)) return
        sums.add(event.item, 0, event.at, event.completion)
        sums.add(event.item, 1, event.at)
      },
      forget() {},
    },
    fill(ask, rows, out, stride, offset) {
      const factor = scales.rate.factor(ask.at)
      const { priorCompletion, priorImpressions, priorCtr } = config
      // As many watches as clicks are expected of the prior's impressions: the prior is equally sure of both rates.
      const weight = priorImpressions * priorCtr
      for (let i = 0, to = offset; i < rows.length; i++, to += stride) {
        const row = rows[i]
        out[to] = smoothedMean(sums.raw(row, 0) * factor, sums.raw(row, 1) * factor, priorCompletion, weight)
      }
    },
  }
}
