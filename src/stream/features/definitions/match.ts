import { Column } from '../../../foundation/base/index.ts'
import type { Items } from '../../catalog/index.ts'
import { type DefinitionMaker, ranges } from '../definition.ts'

export const match: DefinitionMaker = ({ state: { items } }) => {
  // Language + 1 shifted left, and whether the item names countries at all: one look for most items.
  const facts = new Column(Int32Array)
  return {
    name: 'match',
    entity: 'user x item',
    dims: ['match.language', 'match.country'],
    range: ranges.signed,
    say: 'Language: 1 when equal, -1 when different, 0 when either is unknown. Country: 1 when the item is made for the viewer’s country, -1 when it is not to be shown there, 0 when it does not say or the country is unknown.',
    projection: {
      name: 'match',
      shelve(shelf) {
        shelf.part('facts', facts)
      },
      apply() {},
      forget() {},
      itemChanged(row) {
        facts.ensure(row)
        const limited = items.onlyCountries.length(row) + items.notCountries.length(row) > 0
        facts.array[row] = ((items.language.array[row] + 1) << 1) | (limited ? 1 : 0)
      },
    },
    fill(ask, rows, out, stride, offset) {
      for (let i = 0, to = offset; i < rows.length; i++, to += stride) {
        const row = rows[i]
        const fact = row < facts.rows ? facts.array[row] : 0
        const language = (fact >> 1) - 1
        out[to] = ask.language < 0 || language < 0 ? 0 : ask.language === language ? 1 : -1
        out[to + 1] = (fact & 1) === 0 || ask.country < 0 ? 0 : countryMatch(items, row, ask.country)
      }
    },
  }
}

function countryMatch(items: Items, row: number, country: number): number {
  if (items.notCountries.includes(row, country)) return -1
  if (items.onlyCountries.length(row) === 0) return 0
  return items.onlyCountries.includes(row, country) ? 1 : -1
}
