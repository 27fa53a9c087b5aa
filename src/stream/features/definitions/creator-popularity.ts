import { DecayedRows } from '../decayed.ts'
import { type DefinitionMaker, ranges } from '../definition.ts'

export const creatorPopularity: DefinitionMaker = ({ state: { items }, popularity: { scale } }) => {
  const sums = new DecayedRows(scale)
  return {
    name: 'creator.popularity',
    entity: 'creator',
    dims: ['creator.popularity'],
    range: ranges.log,
    say: 'log(1 + decayed sum of positive strength) over all items of the creator, follows included; 0 when unknown.',
    projection: {
      name: 'creator.popularity',
      shelve(shelf) {
        shelf.part('sums', sums)
      },
      apply(event) {
        if (event.creator >= 0 && event.strength > 0) sums.add(event.creator, 0, event.at, event.strength)
      },
      forget() {},
    },
    fill(ask, rows, out, stride, offset) {
      const factor = scale.factor(ask.at)
      for (let i = 0, to = offset; i < rows.length; i++, to += stride)
        out[to] = Math.log1p(sums.raw(items.creator.array[rows[i]]) * factor)
    },
  }
}
