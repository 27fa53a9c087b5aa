import { type DefinitionMaker, ranges } from '../definition.ts'

export const itemPopularity: DefinitionMaker = ({ popularity }) => ({
  name: 'item.popularity',
  entity: 'item',
  dims: ['item.popularity', 'item.rank'],
  range: [ranges.log, ranges.share],
  say: 'log(1 + decayed sum of positive strength), and the share of items that are less popular (0 to 1, ties by half).',
  fill(ask, rows, out, stride, offset) {
    const factor = popularity.scale.factor(ask.at)
    for (let i = 0, to = offset; i < rows.length; i++, to += stride) {
      out[to] = Math.log1p(popularity.mass(rows[i], factor))
      out[to + 1] = popularity.percentile(rows[i])
    }
  },
})
