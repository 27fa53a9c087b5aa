import { expect, it } from 'vitest'
import { distance, knownNames, meant } from './near.ts'

it('counts edits, a swap of neighbours as one', () => {
  expect(distance('kitten', 'sitting')).toBe(3)
  expect(distance('', 'abc')).toBe(3)
  expect(distance('feild', 'field')).toBe(1)
  expect(distance('bts', 'bst')).toBe(1)
  expect(distance('same', 'same')).toBe(0)
})

it('finds what was meant, and nothing where nothing is near', () => {
  const known = ['slim', 'similar', 'popular', 'lr']
  expect(meant('slimm', known)).toBe('slim')
  expect(meant('Popullar', known)).toBe('popular')
  expect(meant('lrr', known)).toBe('lr')
  expect(meant('nope', known)).toBeUndefined()
  expect(meant('', known)).toBeUndefined()
  expect(meant('x'.repeat(1000), known)).toBeUndefined()
})

it('lists what is known, not without end', () => {
  expect(knownNames('hme', ['home', 'next'])).toBe('did you mean "home"? Known: home, next')
  expect(knownNames('x', ['home'])).toBe('known: home')
  expect(knownNames('x', [])).toBe('known: none')
  const many = Array.from({ length: 30 }, (_, index) => `name-${index}`)
  expect(knownNames('zzz', many)).toMatch(/name-23 and 6 more$/)
})
