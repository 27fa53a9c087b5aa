import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { Kinds } from '../../domain/index.ts'
import { State } from '../../stream/catalog/index.ts'
import { ExactIndex } from '../vectors/index.ts'
import { ItemVectors } from './item-vectors.ts'

const DIM = 8

/** A state of items, and an encoder that says of an item what its title says: equal titles, equal vectors. */
function shop(items: number) {
  const state = new State(new Kinds())
  const put = (i: number, title = `title ${i}`) => state.apply({ type: 'item', at: 0, item: { id: `i${i}`, title } })
  for (let i = 0; i < items; i++) put(i)
  const vectorOf = (title: string): Float32Array => {
    const random = new Random(title)
    const vector = Float32Array.from({ length: DIM }, () => random.normal())
    const length = Math.hypot(...vector)
    return vector.map((x) => x / length)
  }
  const calls: number[] = []
  const weather = { fails: 0 }
  const encode = async (rows: Uint32Array): Promise<Float32Array> => {
    calls.push(rows.length)
    if (weather.fails-- > 0) throw new Error('no memory')
    const out = new Float32Array(rows.length * DIM)
    for (const [i, row] of rows.entries()) out.set(vectorOf(state.items.document(row)?.title ?? ''), i * DIM)
    return out
  }
  return { state, put, vectorOf, calls, weather, encode }
}

const first = (vectors: ItemVectors, query: Float32Array) => vectors.index.search(query, 1).rows[0]

describe('ItemVectors', () => {
  it('holds every living item, and what changes after', async () => {
    const { state, put, vectorOf, encode, calls } = shop(600)
    state.apply({ type: 'item-deleted', id: 'i5', at: 0 })
    const vectors = new ItemVectors(state, new ExactIndex(DIM), encode, () => undefined)
    await vectors.fill()
    expect(vectors.index.size).toBe(599)
    expect(Math.max(...calls)).toBeLessThanOrEqual(256)
    put(7, 'another')
    vectors.changed(7, true)
    await vectors.settled()
    expect(first(vectors, vectorOf('another'))).toBe(7)
    state.apply({ type: 'item-deleted', id: 'i7', at: 0 })
    vectors.changed(7, false)
    expect(vectors.index.has(7)).toBe(false)
    await vectors.close()
  })

  it('encodes together what is put together, and tries again after a failure', async () => {
    const { state, vectorOf, encode, calls, weather } = shop(20)
    const errors: unknown[] = []
    const vectors = new ItemVectors(state, new ExactIndex(DIM), encode, (error) => errors.push(error))
    weather.fails = 1
    for (let row = 0; row < 20; row++) vectors.changed(row, true)
    await vectors.settled()
    expect(errors).toHaveLength(1)
    await expect.poll(() => vectors.index.size, { timeout: 5000 }).toBe(20)
    expect(calls).toEqual([20, 20])
    expect(first(vectors, vectorOf('title 3'))).toBe(3)
    await vectors.close()
  })

  it('does not bring back an item that was deleted while it was encoded', async () => {
    const { state, encode } = shop(3)
    const vectors = new ItemVectors(state, new ExactIndex(DIM), encode, () => undefined)
    const filling = vectors.fill()
    state.apply({ type: 'item-deleted', id: 'i1', at: 0 })
    vectors.changed(1, false)
    await filling
    expect([...vectors.index.rows()]).toEqual([0, 2])
    await vectors.close()
  })
})
