import { describe, expect, it } from 'vitest'
import { type Item, Kinds } from '../../domain/index.ts'
import { State } from '../catalog/index.ts'
import { CONTENT_DIMENSIONS, ContentVectors } from './index.ts'

function fold(...items: Item[]) {
  const state = new State(new Kinds())
  const vectors = state.add(new ContentVectors(state.items))
  for (const item of items) state.apply({ type: 'item', item, at: 0 })
  return { state, vectors }
}

function vector(vectors: ContentVectors, row: number): Float32Array {
  const out = new Float32Array(CONTENT_DIMENSIONS)
  vectors.vectorOf(row, out)
  return out
}
const norm = (values: Float32Array) => Math.hypot(...values)

describe('ContentVectors', () => {
  it('is a unit vector; equal facts are alike, one shared of two facts is half alike', () => {
    const { vectors } = fold(
      { id: 'a', categories: ['rock'], tags: ['Live'] },
      { id: 'b', categories: ['rock'], tags: ['live'] },
      { id: 'c', categories: ['rock'], tags: ['studio'] },
      { id: 'd' },
    )
    expect(norm(vector(vectors, 0))).toBeCloseTo(1, 6)
    expect(vectors.similarity(0, 1)).toBeCloseTo(1, 6)
    expect(vectors.similarity(0, 2)).toBeGreaterThan(0.2)
    expect(vectors.similarity(0, 2)).toBeLessThan(0.8)
    expect(norm(vector(vectors, 3))).toBe(0)
    expect(vectors.similarity(0, 3)).toBe(0)
    expect(vectors.similarity(0, 99)).toBe(0)
    expect(norm(vector(vectors, 99))).toBe(0)
  })

  it('gives in the mean the cosine of the weighted tokens: 0 for unlike items, 1/2 for half-alike ones', () => {
    const items: Item[] = []
    for (let i = 0; i < 2000; i++) {
      items.push({ id: `a${i}`, tags: [`shared ${i}`, `left ${i}`] })
      items.push({ id: `b${i}`, tags: [`shared ${i}`, `right ${i}`] })
    }
    const { vectors } = fold(...items)
    let alike = 0
    let unlike = 0
    for (let i = 0; i < 2000; i++) {
      const [a, b, other] = [2 * i, 2 * i + 1, (2 * i + 3) % 4000].map((row) => vector(vectors, row))
      const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, d) => sum + value * (y[d] ?? 0), 0)
      alike += dot(a!, b!) / 2000
      unlike += dot(a!, other!) / 2000
    }
    expect(Math.abs(alike - 0.5)).toBeLessThan(0.02)
    expect(Math.abs(unlike)).toBeLessThan(0.02)
  })

  it('weighs a category more than a creator, and a creator more than a word of the title', () => {
    const tokens: Item[] = [
      { id: 'all', categories: ['x'], creator: 'y', title: 'zeta' },
      { id: 'category', categories: ['x'] },
      { id: 'creator', creator: 'y' },
      { id: 'word', title: 'Zeta' },
    ]
    const { vectors } = fold(...tokens)
    const [byCategory, byCreator, byWord] = [1, 2, 3].map((row) => vectors.similarity(0, row))
    expect(byCategory!).toBeGreaterThan(byCreator!)
    expect(byCreator!).toBeGreaterThan(byWord!)
  })

  it('follows a changed item and gives a deleted one the zero vector', () => {
    const { state, vectors } = fold({ id: 'a', tags: ['x'] }, { id: 'b', tags: ['y'] })
    state.apply({ type: 'item', item: { id: 'a', tags: ['y'] }, at: 1 })
    expect(vectors.similarity(0, 1)).toBeCloseTo(1, 6)
    state.apply({ type: 'item-deleted', id: 'a', at: 2 })
    expect(norm(vector(vectors, 0))).toBe(0)
  })
})
