import { expect, it } from 'vitest'
import { completeConfig, Kinds, type SlateRequest } from '../../domain/index.ts'
import { State } from '../../stream/catalog/index.ts'
import { warmUp } from './warm-up.ts'

it('searches for a word of a title, whatever that begins with', async () => {
  const state = new State(new Kinds())
  const titles = ['\t Tabbed first', ' \u00a0 Blank first', '\n\n', '', undefined]
  for (const [i, title] of titles.entries())
    state.apply({ type: 'item', item: { id: `i${i}`, ...(title !== undefined && { title }) }, at: 0 })
  const asked: SlateRequest[] = []
  const rehearse = async (request: SlateRequest) => void asked.push(request)
  await warmUp({ rehearse }, { state, config: completeConfig() })
  const words = asked.flatMap(({ query }) => (query === undefined ? [] : [query]))
  expect(new Set(words)).toEqual(new Set(['Tabbed', 'Blank', 'a']))
})
