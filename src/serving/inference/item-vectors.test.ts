import { describe, expect, it } from 'vitest'
import { hash32, Random } from '../../foundation/base/index.ts'
import { Kinds } from '../../domain/index.ts'
import { State } from '../../stream/catalog/index.ts'
import { ExactIndex } from '../vectors/index.ts'
import { ItemVectors, type ItemVectorsGround } from './item-vectors.ts'

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
  const print = (row: number, out: Uint32Array, at: number) => {
    const title = state.items.document(row)?.title ?? ''
    out.set([hash32(title), hash32(title, 1)], at)
  }
  return { state, put, vectorOf, calls, weather, encode, print }
}

/** Over an exact index. */
function exact(ground: ItemVectorsGround): ItemVectors {
  const vectors = new ItemVectors(ground)
  vectors.begin(new ExactIndex(DIM))
  return vectors
}

const first = (vectors: ItemVectors, query: Float32Array) => vectors.index.search(query, 1).rows[0]

describe('ItemVectors', () => {
  it('holds every living item, and what changes after', async () => {
    const { state, put, vectorOf, encode, calls, print } = shop(600)
    state.apply({ type: 'item-deleted', id: 'i5', at: 0 })
    const vectors = exact({ state, encode, print, failed: () => undefined })
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
    const { state, vectorOf, encode, calls, weather, print } = shop(20)
    const errors: unknown[] = []
    const vectors = exact({ state, encode, print, failed: (error) => errors.push(error) })
    weather.fails = 1
    for (let row = 0; row < 20; row++) vectors.changed(row, true)
    await vectors.settled()
    expect(errors).toHaveLength(1)
    await expect.poll(() => vectors.index.size).toBe(20)
    expect(calls).toEqual([20, 20])
    expect(first(vectors, vectorOf('title 3'))).toBe(3)
    await vectors.close()
  })

  it('does not bring back an item that was deleted while it was encoded', async () => {
    const { state, encode, print } = shop(3)
    const vectors = exact({ state, encode, print, failed: () => undefined })
    const filling = vectors.fill()
    state.apply({ type: 'item-deleted', id: 'i1', at: 0 })
    vectors.changed(1, false)
    await filling
    expect([...vectors.index.rows()]).toEqual([0, 2])
    await vectors.close()
  })

  it('makes only the vectors that an index of before lacks, and follows what changed while it was opened', async () => {
    const { state, put, vectorOf, encode, calls, print } = shop(400)
    const before = exact({ state, encode, print, failed: () => undefined })
    await before.fill()
    const kept = before.index
    put(3, 'changed while nobody looked')
    put(400)
    kept.remove(3)
    calls.length = 0
    const vectors = new ItemVectors({ state, encode, print, failed: () => undefined })
    const living = await vectors.living()
    expect(living.rows.length).toBe(401)
    state.apply({ type: 'item-deleted', id: 'i9', at: 0 })
    vectors.changed(9, false)
    put(10, 'changed while it was opened')
    vectors.changed(10, true)
    vectors.begin(kept, living)
    expect(vectors.share).toBeCloseTo(398 / 400, 9) // without 3, which changed, and the new one; 9 is gone
    await vectors.fill()
    expect(calls.reduce((sum, n) => sum + n, 0)).toBe(3)
    expect(kept.size).toBe(400)
    expect(first(vectors, vectorOf('changed while it was opened'))).toBe(10)
    expect(first(vectors, vectorOf('changed while nobody looked'))).toBe(3)
    const [now, made] = [new Uint32Array(2), new Uint32Array(2)]
    print(10, now, 0)
    vectors.key(10, made, 0)
    expect(made).toEqual(now)
    await vectors.close()
  })

  it('tries a slice again that could not be encoded while it fills', async () => {
    const { state, encode, print, weather } = shop(300)
    const errors: unknown[] = []
    const vectors = exact({ state, encode, print, failed: (error) => errors.push(error) })
    weather.fails = 1
    await vectors.fill()
    expect(errors).toHaveLength(1)
    expect(vectors.index.size).toBe(300)
    await vectors.close()
  })
})
