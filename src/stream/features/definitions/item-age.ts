import { HOUR } from '../../../foundation/base/index.ts'
import { type DefinitionMaker, ranges } from '../definition.ts'

export const itemAge: DefinitionMaker = ({ state: { items } }) => ({
  name: 'item.age',
  entity: 'item',
  dims: ['item.age'],
  range: ranges.log,
  say: 'log(1 + hours since it was published, or added when it does not say); 0 before that moment.',
  fill(ask, rows, out, stride, offset) {
    for (let i = 0, to = offset; i < rows.length; i++, to += stride) {
      const published = items.published.array[rows[i]] ?? Number.NaN
      out[to] = published < ask.at ? Math.log1p((ask.at - published) / HOUR) : 0
    }
  },
})
