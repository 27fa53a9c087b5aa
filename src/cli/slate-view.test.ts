import { expect, it } from 'vitest'
import type { Slate } from '../domain/index.ts'
import { slateView } from './slate-view.ts'
import type { Terminal } from './terminal.ts'

const plain = (text: string) => text
const terminal = {
  colours: { dim: plain, yellow: plain, green: plain, bold: plain },
  width: 120,
} as unknown as Terminal
const item = { item: 'i1', title: 'Quiet jazz', position: 0, score: 0, sources: [], reason: 'Recommended' }
const slate = { slate: 's', items: [item], stages: [], rung: 'cached', personal: true } as unknown as Slate

it('says where an item comes from that nothing ranked, and no score that nobody gave', () => {
  const kept = slateView(terminal, slate)
  expect(kept).toContain('a slate from before')
  expect(kept).not.toContain('0.000')
  const ranked = slateView(terminal, {
    ...slate,
    rung: 'full',
    items: [{ ...item, score: 0.25, sources: ['slim'] }],
  } as unknown as Slate) // prettier-ignore
  expect(ranked).toContain('0.250')
  expect(ranked).toContain('slim')
})

it('says of an empty slate what its stages noted', () => {
  const stages = [{ stage: 'filter', status: 'ok', at: 0, ms: 1, note: 'no item meets category is "musik"' }]
  const view = slateView(terminal, { ...slate, items: [], rung: 'empty', stages } as unknown as Slate)
  expect(view.split('\n').slice(0, 2)).toEqual(['No eligible item.', 'filter: no item meets category is "musik"'])
})
