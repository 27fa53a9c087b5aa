import { type DefinitionMaker, ranges } from '../definition.ts'
import { smoothedMean } from '../rates.ts'

export const itemCompletion: DefinitionMaker = ({ config, itemRates, scales }) => {
  const first = itemRates.reserve(2) // share watched, watches
  return {
    name: 'item.completion',
    entity: 'item',
    dims: ['item.completion'],
    range: ranges.share,
    say: 'Mean share watched, decayed and smoothed, 0 to 1; the configured prior when nobody watched.',
    projection: {
      name: 'item.completion',
      shelve() {}, // the sums are shared
      apply(event) {
        if (event.item < 0 || Number.isNaN(event.completion)) return
        itemRates.add(event.item, first, event.at, event.completion)
        itemRates.add(event.item, first + 1, event.at)
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
        out[to] = smoothedMean(
          itemRates.raw(row, first) * factor,
          itemRates.raw(row, first + 1) * factor,
          priorCompletion,
          weight,
        )
      }
    },
  }
}
