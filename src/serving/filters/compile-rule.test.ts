import { describe, expect, it } from 'vitest'
import { SluiceError } from '../../foundation/base/index.ts'
import type { Item, Rule } from '../../domain/index.ts'
import { compileRule } from './compile-rule.ts'
import { emptyState, put } from './testing/scene.ts'

const catalogue: Item[] = [
  {
    id: 'a',
    categories: ['jazz', 'live'],
    tags: ['Sax'],
    creator: 'c1',
    language: 'DE',
    duration: 60.1,
    price: 19.99,
    attributes: { hd: true, year: 1959, label: 'blue' },
  },
  {
    id: 'b',
    categories: ['rock'],
    creator: 'c2',
    language: 'en',
    duration: 200,
    price: 5,
    stock: 3,
    ageRating: 12,
    published: 86_400_000,
    attributes: { hd: false, year: 1971, label: 'red' },
  },
  { id: 'c', tags: ['sax', 'new'], stock: 0, attributes: { year: '1959' } },
  { id: 'd' },
]
const { state } = emptyState()
put(state, catalogue)
const meets = (rule: Rule) =>
  catalogue
    .filter((_, row) => compileRule(rule, state.items)(row))
    .map(({ id }) => id)
    .join('')

describe('compileRule', () => {
  it.each<[Rule, string]>([
    [{ field: 'category', is: 'jazz' }, 'a'],
    [{ field: 'category', is: 'live' }, 'a'],
    [{ field: 'category', is: 'Jazz' }, ''],
    [{ field: 'category', in: ['rock', 'live', 'none'] }, 'ab'],
    [{ field: 'category', exists: false }, 'cd'],
    [{ field: 'tag', is: 'SAX' }, 'ac'],
    [{ field: 'tag', exists: true, is: 'new' }, 'c'],
    [{ field: 'creator', in: ['c1', 'c2'] }, 'ab'],
    [{ field: 'creator', exists: false }, 'cd'],
    [{ field: 'language', is: 'de' }, 'a'],
    [{ field: 'language', is: 'EN' }, 'b'],
    [{ field: 'duration', min: 60.1 }, 'ab'],
    [{ field: 'duration', max: 60.1 }, 'a'],
    [{ field: 'price', is: 19.99 }, 'a'],
    [{ field: 'price', min: 19.99, max: 19.99 }, 'a'],
    [{ field: 'price', exists: false }, 'cd'],
    [{ field: 'stock', min: 3 }, 'abd'],
    [{ field: 'stock', is: 0 }, 'c'],
    [{ field: 'stock', exists: true }, 'abcd'],
    [{ field: 'ageRating', max: 11 }, 'acd'],
    [{ field: 'published', min: 1 }, 'b'],
    [{ field: 'published', min: '1970-01-02', max: '1970-01-02T00:00:01Z' }, 'b'],
    [{ field: 'published', max: '1970-01-01T12:00:00Z' }, 'acd'],
    [{ field: 'published', is: '1970-01-02T00:00:00Z' }, 'b'],
    [{ field: 'hd', is: true }, 'a'],
    [{ field: 'hd', is: false }, 'b'],
    [{ field: 'hd', is: 1 }, ''],
    [{ field: 'hd', exists: false }, 'cd'],
    [{ field: 'year', is: 1959 }, 'a'],
    [{ field: 'year', is: '1959' }, 'c'],
    [{ field: 'year', in: [1959, '1959', true] }, 'ac'],
    [{ field: 'year', min: 1960 }, 'b'],
    [{ field: 'label', in: ['blue', 'red'] }, 'ab'],
    [{ field: 'label', is: 'green' }, ''],
    [{ field: 'unheard-of', exists: false }, 'abcd'],
    [{ not: { field: 'price', max: 10 } }, 'acd'],
    [{ field: 'price', max: 100, not: { field: 'category', is: 'rock' } }, 'a'],
    [
      {
        any: [
          { field: 'category', is: 'rock' },
          { field: 'tag', is: 'sax' },
        ],
      },
      'abc',
    ],
    [
      {
        all: [
          { field: 'tag', is: 'sax' },
          { field: 'price', exists: true },
        ],
      },
      'a',
    ],
    [
      {
        any: [
          { field: 'price', min: 10 },
          { field: 'stock', max: 0 },
        ],
        not: { field: 'hd', is: true },
      },
      'c',
    ],
  ])('%j', (rule, ids) => {
    expect(meets(rule)).toBe(ids)
  })

  const nested = (depth: number): Rule => (depth === 1 ? { field: 'price', min: 1 } : { not: nested(depth - 1) })

  it('goes eight deep', () => {
    expect(meets(nested(8))).toBe('cd') // seven times not
  })

  it('takes any name while the catalogue is empty', () => {
    expect(compileRule({ field: 'year', min: 1960 }, emptyState().state.items)(0)).toBe(false)
  })

  it('refuses more than 256 rules', () => {
    const sixteen = (rule: Rule) => Array.from({ length: 16 }, () => rule)
    const many = { all: sixteen({ any: sixteen(nested(1)) }) }
    expect(() => compileRule(many, state.items)).toThrow('at filter.all[15]: a filter holds at most 256 rules')
  })

  it.each<[unknown, string, string]>([
    [{}, 'filter', 'says nothing'],
    [[], 'filter', 'is an object'],
    [{ field: 'price' }, 'filter', 'no condition on "price"'],
    [{ min: 3 }, 'filter.min', 'needs a field'],
    [{ field: '', is: 'x' }, 'filter.field', 'is a name'],
    [{ field: 'price', above: 3 }, 'filter.above', 'a rule has field, is'],
    [{ field: 'category', min: 3 }, 'filter.min', 'has no order'],
    [{ field: 'language', max: 3 }, 'filter.max', 'has no order'],
    [{ field: 'category', is: 3 }, 'filter.is', 'holds text, not 3'],
    [{ field: 'price', is: 'cheap' }, 'filter.is', 'holds numbers, not "cheap"'],
    [{ field: 'published', is: 'yesterday' }, 'filter.is', 'holds moments'],
    [{ field: 'price', in: [] }, 'filter.in', 'one value or more'],
    [{ field: 'price', in: [1, 'x'] }, 'filter.in[1]', 'holds numbers'],
    [{ field: 'price', min: 3, max: 2 }, 'filter.min', 'at least 3 and at most 2'],
    [{ field: 'price', min: Number.NaN }, 'filter.min', 'holds numbers: a bound is no null'],
    [{ field: 'price', min: '2026-01-01' }, 'filter.min', 'holds numbers: a bound is no "2026-01-01"'],
    [{ field: 'published', max: 'once upon a time' }, 'filter.max', 'holds moments (milliseconds or ISO 8601 text)'],
    [
      { field: 'duraton', max: 6 },
      'filter.field',
      'no item has a field "duraton"; did you mean "duration"? Known: category, tag,',
    ],
    [{ not: { field: 'yaer', is: 1 } }, 'filter.not.field', 'did you mean "year"?'],
    [{ field: 'unheard-of', exists: true }, 'filter.field', 'published, hd, year, label'],
    [{ field: 'price', exists: 'yes' }, 'filter.exists', 'true or false'],
    [{ all: [] }, 'filter.all', 'one rule or more'],
    [{ any: [{ field: 'price', min: 1 }, { not: {} }] }, 'filter.any[1].not', 'says nothing'],
    [nested(9), `filter${'.not'.repeat(8)}`, 'at most 8 deep'],
  ])('refuses %j', (rule, where, why) => {
    const attempt = () => compileRule(rule as Rule, state.items)
    expect(attempt).toThrow(SluiceError)
    expect(attempt).toThrow(expect.objectContaining({ code: 'ERR_RULE_INVALID' }))
    expect(attempt).toThrow(`Cannot apply the filter at ${where}: `)
    expect(attempt).toThrow(why)
  })
})
