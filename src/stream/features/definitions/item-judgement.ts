import { type DefinitionMaker, ranges } from '../definition.ts'
import { smoothedMean } from '../rates.ts'

/** As if this many viewers had answered with the middle of the scale. */
const PRIOR_ANSWERS = 5

export const itemJudgement: DefinitionMaker = ({ state, itemRates, scales }) => {
  const first = itemRates.reserve(4) // survey sum, surveys, star sum, ratings
  const survey = state.kinds.code('survey')
  const rating = state.kinds.code('rating')
  return {
    name: 'item.judgement',
    entity: 'item',
    dims: ['item.satisfaction', 'item.rating'],
    range: ranges.signed,
    say: 'Mean survey answer and mean rating, (value - 3) / 2, so -1 for the worst and 1 for the best; decayed, drawn to 0, which stands for unknown.',
    projection: {
      name: 'item.judgement',
      shelve() {}, // the sums are shared
      apply(event) {
        const channel = event.kind === survey ? 0 : event.kind === rating ? 2 : -1
        if (event.item < 0 || channel < 0 || Number.isNaN(event.value)) return
        itemRates.add(event.item, first + channel, event.at, (Math.min(5, Math.max(1, event.value)) - 3) / 2)
        itemRates.add(event.item, first + channel + 1, event.at)
      },
      forget() {},
    },
    fill(ask, rows, out, stride, offset) {
      const factor = scales.rate.factor(ask.at)
      for (let i = 0, to = offset; i < rows.length; i++, to += stride) {
        const row = rows[i]
        out[to] = smoothedMean(
          itemRates.raw(row, first) * factor,
          itemRates.raw(row, first + 1) * factor,
          0,
          PRIOR_ANSWERS,
        )
        out[to + 1] = smoothedMean(
          itemRates.raw(row, first + 2) * factor,
          itemRates.raw(row, first + 3) * factor,
          0,
          PRIOR_ANSWERS,
        )
      }
    },
  }
}
