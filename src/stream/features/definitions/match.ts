import type { DefinitionMaker } from '../definition.ts'

export const match: DefinitionMaker = ({ state: { items } }) => ({
  name: 'match',
  entity: 'user x item',
  dims: ['match.language', 'match.country'],
  say: 'Language: 1 when equal, -1 when different, 0 when either is unknown. Country: 1 when the item is made for the viewer’s country, -1 when it is not to be shown there, 0 when it does not say or the country is unknown.',
  fill(ask, rows, out, stride, offset) {
    for (let i = 0, to = offset; i < rows.length; i++, to += stride) {
      const row = rows[i]
      const language = row < items.language.rows ? items.language.array[row] : -1
      out[to] = ask.language < 0 || language < 0 ? 0 : ask.language === language ? 1 : -1
      out[to + 1] = 0
      if (ask.country < 0) continue
      if (items.onlyCountries.length(row) > 0) out[to + 1] = items.onlyCountries.includes(row, ask.country) ? 1 : -1
      if (items.notCountries.length(row) > 0 && items.notCountries.includes(row, ask.country)) out[to + 1] = -1
    }
  },
})
