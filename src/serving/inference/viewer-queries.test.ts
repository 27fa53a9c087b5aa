import { describe, expect, it } from 'vitest'
import type { State } from '../../stream/catalog/index.ts'
import type { Histories } from '../../stream/features/index.ts'
import { viewerQueries } from './viewer-queries.ts'

/** So many users; of those whose row `has`, a history is known. */
const platform = (size: number, has: (row: number) => boolean, optedOut: readonly number[] = []) =>
  [
    { users: { size, optedOut: { array: Uint8Array.from({ length: size }, (_, row) => +optedOut.includes(row)) } } },
    { length: (row: number) => (has(row) ? 3 : 0) },
  ] as unknown as [State, Histories]

/** A viewer's vector is their row, twice. */
const encode = async (viewers: readonly number[]) => viewers.map((row) => Float32Array.of(row, 2 * row))

describe('viewerQueries', () => {
  it('asks as viewers do who have a history and let it be used', async () => {
    const platformOf = platform(300, (row) => row % 3 === 0, [0, 6])
    const queries = await viewerQueries(...platformOf, encode)
    const rows = Array.from(queries ?? []).filter((_, i) => i % 2 === 0)
    expect(rows).toEqual(Array.from({ length: 100 }, (_, i) => 3 * i).filter((row) => row !== 0 && row !== 6))
    expect(queries?.[1]).toBe(2 * 3)
  })

  it('takes 512 of many, evenly, in small helpings', async () => {
    const helpings: number[] = []
    const queries = await viewerQueries(...platform(1_000_000, () => true), (viewers) => {
      helpings.push(viewers.length)
      return encode(viewers)
    })
    expect(queries?.length).toBe(2 * 512)
    const rows = Array.from(queries ?? []).filter((_, i) => i % 2 === 0)
    const gaps = rows.slice(1).map((row, i) => row - (rows[i] as number))
    expect(Math.min(...gaps)).toBeGreaterThan(1800)
    expect(Math.max(...gaps)).toBeLessThan(2200)
    expect(Math.max(...helpings)).toBe(8)
  })

  it('says nothing while there are too few, or too few who can be encoded', async () => {
    expect(await viewerQueries(...platform(63, () => true), encode)).toBeUndefined()
    expect((await viewerQueries(...platform(64, () => true), encode))?.length).toBe(128)
    expect(await viewerQueries(...platform(90, () => true), async (rows) => rows.map(() => undefined))).toBeUndefined()
  })
})
