import { type DefinitionMaker, ranges } from '../definition.ts'
import { logCount } from '../log-count.ts'
import { windowNames, Windows, withinDay } from '../windows.ts'

const counted = ['impression', 'click']

export const itemWindows: DefinitionMaker = ({ state }) => {
  const windows = new Windows(counted.length)
  const channels = state.kinds.names.map((name) => counted.indexOf(name))
  const sums = new Float64Array(counted.length * windowNames.length)
  return {
    name: 'item.windows',
    entity: 'item',
    dims: counted.flatMap((kind) => windowNames.map((window) => `item.${kind}s.${window}`)),
    daily: counted.flatMap((kind) => withinDay.map((window) => `item.${kind}s.${window}`)),
    range: ranges.log,
    say: 'log(1 + n) of impressions and clicks in sliding windows; 0 when there were none.',
    projection: {
      name: 'item.windows',
      shelve(shelf) {
        shelf.part('windows', windows)
      },
      apply(event) {
        const channel = channels[event.kind] ?? -1
        if (event.item >= 0 && channel >= 0) windows.add(event.item, channel, event.at)
      },
      forget() {},
    },
    fill(ask, rows, out, stride, offset) {
      for (let i = 0, to = offset; i < rows.length; i++, to += stride) {
        windows.read(rows[i], ask.at, sums)
        for (let w = 0; w < sums.length; w++) out[to + w] = logCount(sums[w])
      }
    },
  }
}
