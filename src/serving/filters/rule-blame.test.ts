import { expect, it } from 'vitest'
import type { Item, Rule } from '../../domain/index.ts'
import { whyNone } from './rule-blame.ts'
import { emptyState, put } from './testing/scene.ts'

const catalogue: Item[] = [
  { id: 'a', categories: ['music'], duration: 60, language: 'de', attributes: { colour: 'red' } },
  { id: 'b', categories: ['cooking'], duration: 600, language: 'en', attributes: { colour: 'blue' } },
]

function why(rule: Rule): string {
  const { state } = emptyState()
  put(state, catalogue)
  return whyNone(rule, state.items)
}

it.each<[string, Rule, string]>([
  ['a misspelt value', { field: 'category', is: 'musik' }, 'no item meets category is "musik"; did you mean "music"?'],
  ['an unlike value', { field: 'category', is: 'chess' }, 'no item meets category is "chess"'],
  ['several values', { field: 'category', in: ['x', 'y'] }, 'no item meets category in ["x","y"]'],
  ['a bound', { field: 'duration', max: 1 }, 'no item meets duration max 1'],
  [
    'one bound of two',
    { field: 'duration', min: 100, max: 500 },
    'there are items for each condition of the filter, and none that meets all',
  ],
  ['an attribute', { field: 'colour', is: 'green' }, 'no item meets colour is "green"'],
  [
    'one of all',
    {
      all: [
        { field: 'duration', min: 1 },
        { field: 'language', is: 'fr' },
      ],
    },
    'no item meets language is "fr"',
  ],
  ['a choice', { any: [{ field: 'language', is: 'fr' }] }, 'no item meets any [{"field":"language","is":"fr"}]'],
  [
    'conditions that no item meets together',
    { field: 'category', is: 'music', all: [{ field: 'duration', min: 100 }] },
    'there are items for each condition of the filter, and none that meets all',
  ],
  [
    'what may not be shown',
    { field: 'category', is: 'music' },
    'no item that may be shown to this viewer meets the filter',
  ],
])('names what left nothing: %s', (_, rule, says) => {
  expect(why(rule)).toBe(says)
})

it('says little of a catalogue that is too large to look through', () => {
  const { state } = emptyState()
  put(
    state,
    Array.from({ length: 101_000 }, (_, i) => ({ id: `i${i}`, duration: i })),
  )
  const late: Rule = { field: 'duration', min: 100_999 }
  expect(whyNone({ all: [late, late] }, state.items)).toBe('no item that may be shown meets the filter')
})
