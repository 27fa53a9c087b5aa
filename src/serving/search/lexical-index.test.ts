import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOf } from '../../foundation/base/index.ts'
import { type Item, Kinds } from '../../domain/index.ts'
import { State } from '../../stream/catalog/index.ts'
import { LexicalIndex, type LexicalOptions, stemOf, wordsOf } from './index.ts'
import { boosts } from './lexical-index.ts'

function indexOf(items: readonly Item[], options?: LexicalOptions) {
  const state = new State(new Kinds())
  const index = state.add(new LexicalIndex(state.items, options))
  const put = (item: Item) => state.apply({ type: 'item', item, at: 0 })
  for (const item of items) put(item)
  const scoresOf = (text: string) => {
    const { rows, scores } = index.search(text, 1000)
    return Object.fromEntries(Array.from(rows, (row, i) => [state.items.ids.name(row), scores[i]]))
  }
  return { state, index, put, scoresOf, remove: (id: string) => state.apply({ type: 'item-deleted', id, at: 0 }) }
}

/** BM25 as its formula says it, document by document. */
function bruteForce(items: readonly Item[], query: string): Map<string, number> {
  const documents = items.map((item) => {
    const counts = new Map<string, number>()
    let length = 0
    for (const field of Object.keys(boosts) as (keyof typeof boosts)[]) {
      const value = item[field]
      for (const word of wordsOf(Array.isArray(value) ? value.join(' ') : (value ?? ''))) {
        counts.set(word, (counts.get(word) ?? 0) + boosts[field])
        length += boosts[field]
      }
    }
    return { id: item.id, counts, length }
  })
  const live = documents.filter(({ length }) => length > 0)
  const mean = live.reduce((sum, { length }) => sum + length, 0) / live.length
  const scores = new Map<string, number>()
  for (const word of wordsOf(query)) {
    const df = live.filter(({ counts }) => counts.has(word)).length
    const idf = Math.log(1 + (live.length - df + 0.5) / (df + 0.5))
    for (const { id, counts, length } of live) {
      const tf = counts.get(word) ?? 0
      if (tf > 0) scores.set(id, (scores.get(id) ?? 0) + (idf * tf) / (tf + 1.2 * (0.25 + (0.75 * length) / mean)))
    }
  }
  return scores
}

const plain = { stem: false, prefix: false, stop: false }

describe('LexicalIndex', () => {
  const documents = [
    'a cat is a feline and likes to purr',
    'a dog is the human best friend and loves to play',
    'a bird is a beautiful animal that can fly',
    'a fish is a creature that lives in water and swims',
  ].map((description, i) => ({ id: `D${i}`, description }))

  it.each([
    [1.2, 0.75, [1.20896241, 0.57176128, 0.06775596, 0.58980126]],
    [1.5, 0.75, [1.07076908, 0.50118022, 0.06220547, 0.51918192]],
    [0.9, 0.4, [1.36539209, 0.67630853, 0.07357578, 0.69365825]],
  ])('gives the reference scores of bm25s (lucene) for k1 %d, b %d', (k1, b, expected) => {
    const { scoresOf } = indexOf(documents, { ...plain, k1, b })
    const scores = scoresOf('does the fish purr like a cat')
    expected.forEach((score, i) => {
      expect(scores[`D${i}`]).toBeCloseTo(score, 6)
    })
  })

  const word = fc.constantFrom('red', 'blue', 'green', 'fish', 'dog', 'cat', 'house', 'tree', 'x', 'y')
  const text = fc.array(word, { maxLength: 6 }).map((words) => words.join(' '))
  const change = fc.record({
    id: fc.integer({ min: 0, max: 9 }).map((i) => `i${i}`),
    title: text,
    description: text,
    tags: fc.array(word, { maxLength: 2 }),
    gone: fc.boolean(),
  })

  it('equals the formula by brute force after any adds, changes and deletes', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), text, fc.constantFrom(1, 4, 100), (changes, query, splitAt) => {
        const { scoresOf, put, remove } = indexOf([], { ...plain, splitAt })
        const live = new Map<string, Item>()
        for (const { gone, ...item } of changes) {
          if (gone) {
            remove(item.id)
            live.delete(item.id)
          } else {
            put(item)
            live.set(item.id, item)
          }
        }
        const expected = bruteForce([...live.values()], query)
        const found = scoresOf(query)
        expect(Object.keys(found).sort()).toEqual([...expected.keys()].sort())
        for (const [id, score] of expected) expect(found[id]).toBeCloseTo(score, 5)
      }),
      { numRuns: 150 },
    )
  })

  /** Few words and repeated ones, so that scores tie and terms have many runs. */
  const crowd = fc.array(
    fc.record({ id: fc.integer({ min: 0, max: 59 }), text, tags: fc.array(word, { maxLength: 40 }) }),
    {
      maxLength: 150,
    },
  )
  const gone = fc.array(fc.integer({ min: 0, max: 59 }), { maxLength: 30 })

  it('finds of the best what a search for all puts first, whatever runs there are', () => {
    fc.assert(
      fc.property(
        crowd,
        gone,
        text,
        fc.integer({ min: 0, max: 12 }),
        fc.constantFrom(1, 3, 20),
        (puts, leave, query, limit, splitAt) => {
          const parted = indexOf([], { splitAt })
          const live = new Map<string, Item>()
          const put = (id: string, item: Item) => {
            parted.put(item)
            live.set(id, item)
          }
          puts.forEach(({ id, text, tags }, i) => {
            put(`i${id}`, {
              id: `i${id}`,
              title: text,
              tags,
              description: i % 5 === 0 ? 'doghouse treetop catnip' : '',
            })
            const left = leave[i]
            if (left === undefined) return
            parted.remove(`i${left}`)
            live.delete(`i${left}`)
          })
          const all = parted.index.search(query, 1000)
          const best = parted.index.search(query, limit)
          expect([...best.rows]).toEqual([...all.rows.subarray(0, limit)])
          expect([...best.scores]).toEqual([...all.scores.subarray(0, limit)])
          for (let i = 1; i < all.rows.length; i++)
            expect(all.scores[i - 1] - all.scores[i] || all.rows[i] - all.rows[i - 1]).toBeGreaterThan(0)
          expect(parted.index.search(query, limit)).toEqual(best)
          if (/[a-z]$/.test(query)) return // its last word counts as a beginning, too
          const expected = bruteForce([...live.values()], query)
          expect(all.rows.length).toBe(expected.size)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('sweeps out the dead: the same scores and bounded bytes after many rounds of changes', () => {
    const items = Array.from({ length: 300 }, (_, i) => ({ id: `i${i}`, title: `word${i % 17} common w${i}` }))
    const { index, put, scoresOf } = indexOf(items, plain)
    const before = scoresOf('word3 common')
    const bytes = bytesOf(index)
    for (let round = 0; round < 40; round++) for (const item of items) put(item)
    expect(scoresOf('word3 common')).toEqual(before)
    expect(bytesOf(index)).toBeLessThan(bytes * 3)
  })

  it('cuts exactly at the limit, ties by row', () => {
    const items = Array.from({ length: 50 }, (_, i) => ({ id: `i${i}`, title: 'same words' }))
    const { index } = indexOf(items)
    expect([...index.search('same', 5).rows]).toEqual([0, 1, 2, 3, 4])
  })

  it('folds case, diacritics and plurals, and reads other scripts', () => {
    const { scoresOf } = indexOf([
      { id: 'a', title: 'CAFÉ stories' },
      { id: 'b', title: 'Музыка мира' },
    ])
    expect(Object.keys(scoresOf('cafe'))).toEqual(['a'])
    expect(Object.keys(scoresOf('story'))).toEqual(['a'])
    expect(Object.keys(scoresOf('МУЗЫКА'))).toEqual(['b'])
    for (const [one, many] of ['movie movies', 'story stories', 'cat cats', 'house houses'].map((pair) =>
      pair.split(' '),
    ))
      expect(stemOf(many as string)).toBe(stemOf(one as string))
    for (const word of ['glass', 'bus', 'gas', 'this', 'it']) expect(stemOf(word)).toBe(word)
  })

  it('matches the beginning of the last word, below the whole word', () => {
    const { scoresOf } = indexOf([
      { id: 'whole', title: 'star' },
      { id: 'longer', title: 'starlight' },
      { id: 'other', title: 'moon' },
    ])
    const scores = scoresOf('star')
    expect(Object.keys(scores)).toEqual(['whole', 'longer'])
    expect(scores['whole']).toBeGreaterThan(scores['longer'] as number)
    expect(Object.keys(scoresOf('starl'))).toEqual(['longer'])
    expect(scoresOf('starl ')).toEqual(scoresOf('starl'))
  })

  it('answers a query of stop words alone by them, and one of nothing by nothing', () => {
    const { scoresOf } = indexOf([
      { id: 'it', title: 'It' },
      { id: 'dune', title: 'Dune, the film' },
    ])
    expect(Object.keys(scoresOf('it'))).toEqual(['it'])
    expect(Object.keys(scoresOf('the dune'))).toEqual(['dune'])
    for (const text of ['', '   ', '!?', 'zzz']) expect(scoresOf(text)).toEqual({})
  })
})
