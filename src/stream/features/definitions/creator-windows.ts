import { type DefinitionMaker, ranges } from '../definition.ts'
import { logCount } from '../log-count.ts'
import { windowNames, Windows, withinDay } from '../windows.ts'

export const creatorWindows: DefinitionMaker = ({ state: { items } }) => {
  const windows = new Windows()
  const sums = new Float64Array(windowNames.length)
  return {
    name: 'creator.windows',
    entity: 'creator',
    dims: windowNames.map((window) => `creator.consumed.${window}`),
    daily: withinDay.map((window) => `creator.consumed.${window}`),
    range: ranges.log,
    say: 'log(1 + n) of events that consumed an item of the creator, in sliding windows; 0 when there were none.',
    projection: {
      name: 'creator.windows',
      shelve(shelf) {
        shelf.part('windows', windows)
      },
      apply(event) {
        if (event.creator >= 0 && event.consumes && event.strength >= 0) windows.add(event.creator, 0, event.at)
      },
      forget() {},
    },
    fill(ask, rows, out, stride, offset) {
      for (let i = 0, to = offset; i < rows.length; i++, to += stride) {
        windows.read(items.creator.array[rows[i]], ask.at, sums)
        for (let w = 0; w < sums.length; w++) out[to + w] = logCount(sums[w])
      }
    },
  }
}
