import { ClickCounts } from '../click-counts.ts'
import { DecayedRows } from '../decayed.ts'
import { type DefinitionMaker, fillSame, ranges } from '../definition.ts'

export const userCtr: DefinitionMaker = ({ state, config, scales }) => {
  const sums = new DecayedRows(scales.rate, 0)
  const counts = new ClickCounts(sums, state.kinds, config)
  return {
    name: 'user.ctr',
    entity: 'user',
    dims: ['user.ctr'],
    range: ranges.share,
    say: 'Clicks per impression of the user, decayed and smoothed; the prior for an unknown user.',
    projection: {
      name: 'user.ctr',
      shelve(shelf) {
        shelf.part('sums', sums)
      },
      apply(event) {
        if (event.user >= 0 && counts.counted(event)) counts.add(event.user, event)
      },
      forget(user) {
        sums.clear(user)
      },
    },
    fill(ask, rows, out, stride, offset) {
      fillSame(counts.rate(ask.user, scales.rate.factor(ask.at)), rows.length, out, stride, offset)
    },
  }
}
