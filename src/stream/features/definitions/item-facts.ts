import { Column } from '../../../foundation/base/index.ts'
import { type DefinitionMaker, ranges } from '../definition.ts'

const WIDTH = 5

/** Worked out when an item changes, since facts change rarely and are read all the time. */
export const itemFacts: DefinitionMaker = ({ state: { items } }) => {
  const facts = new Column(Float32Array, { width: WIDTH })
  return {
    name: 'item.facts',
    entity: 'item',
    dims: ['item.duration', 'item.duration.missing', 'item.price', 'item.price.missing', 'item.missing'],
    range: [ranges.log, ranges.share, ranges.log, ranges.share, ranges.share],
    say: 'log(1 + seconds) and log(1 + price), 0 with a mask of 1 when unknown; share of creator, categories, tags, language and title that the item lacks.',
    projection: {
      name: 'item.facts',
      shelve(shelf) {
        shelf.part('facts', facts)
      },
      apply() {},
      forget() {},
      itemChanged(row, alive) {
        facts.ensure(row)
        facts.clear(row)
        if (!alive) return
        const duration = items.duration.array[row]
        const price = items.price.array[row]
        const lacks = [
          items.creator.array[row] < 0,
          items.categoriesOf.length(row) === 0,
          items.tagsOf.length(row) === 0,
          items.language.array[row] < 0,
          !items.document(row)?.title,
        ]
        const missing = lacks.filter(Boolean).length / lacks.length
        const cells = [...logAndMask(duration), ...logAndMask(price), missing]
        facts.array.set(cells, row * WIDTH)
      },
    },
    fill(_ask, rows, out, stride, offset) {
      for (let i = 0, to = offset; i < rows.length; i++, to += stride) {
        const from = rows[i] < facts.rows ? rows[i] * WIDTH : -1
        for (let d = 0; d < WIDTH; d++) out[to + d] = from < 0 ? 0 : facts.array[from + d]
      }
    },
  }
}

function logAndMask(value: number): [number, number] {
  return Number.isNaN(value) ? [0, 1] : [Math.min(ranges.log[1], Math.log1p(value)), 0]
}
