import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DAY } from '../../../foundation/base/index.ts'
import { makeCandidate } from './candidate.ts'
import { Shelf } from './shelf.ts'
import { setImmediate as turn } from 'node:timers/promises'
import {
  DIM,
  plain,
  limits,
  folder,
  news,
  clock,
  groundOf,
  exact,
  openLife,
  queryOf,
  ask,
  next,
} from './testing/scene.ts'
import type { BuildIndex } from './candidate.ts'

describe('the life of an index', () => {
  it('serves exactly at first, and swaps an inverted file in when it was validated and shadowed', async () => {
    const life = openLife(groundOf(), '000004', exact)
    expect(life.name).toBe('000004@exact')
    life.tick() // large enough: it builds
    await life.rebuild()
    expect(life.standing).toMatchObject({ live: '000004@exact', shadow: '000004@ivf-1' })
    await ask(life, limits.shadowQueries - 1)
    expect(life.shadow?.queries).toBe(19)
    life.tick()
    expect(life.name).toBe('000004@exact') // one query short
    await ask(life, 1)
    life.tick()
    expect(life.standing).toEqual({ live: '000004@ivf-1', before: '000004@exact', shadow: undefined, building: false })
    expect(news.map(({ what }) => what)).toEqual(['built', 'shadow', 'swapped'])
    expect(news[0]).toMatchObject({ name: '000004@ivf-1', why: '3000 vectors, judged by 128 queries' })
    expect(news[0]?.recall).toBeGreaterThanOrEqual(limits.recallLeast)
    expect(life.shadow).toBeUndefined()
    const [change] = new Shelf(join(folder, 'towers'), clock).pointer.log.slice(-1)
    expect(change).toMatchObject({ at: clock.now(), from: '000004@exact', to: '000004@ivf-1' })
    expect(change?.why).toMatch(/gave 0\.9\d+ of what 20 live queries were served/)
  })

  it('is made for viewers as they would ask, until enough were asked, and judged by every fourth', async () => {
    const would = Float32Array.from({ length: 256 * DIM }, (_, i) => Math.sin(i))
    const life = openLife({ ...groundOf(), asked: async () => would }, '000004', exact)
    await life.rebuild()
    expect(news[0]).toMatchObject({ name: '000004@ivf-1', why: '3000 vectors, judged by 64 queries' })
    await ask(life, 512)
    await life.rebuild()
    expect(news.find(({ name }) => name === '000004@ivf-2')?.why).toBe('3000 vectors, judged by 128 queries')
  })

  it('answers every search and takes every change while it builds, shadows and swaps', async () => {
    const life = openLife(groundOf(), '000001', exact)
    const building = life.rebuild()
    let searches = 0
    for (let done = false; !done; ) {
      void building.then(() => {
        done = true
      })
      expect(life.search(queryOf(`${searches++}`), 10).rows.length).toBe(10)
      if (searches === 2) {
        life.upsert(
          90_000,
          queryOf('new').map((x) => x * 3),
        )
        life.remove(plain.rows[0] as number)
      }
      await turn()
    }
    await ask(life, limits.shadowQueries)
    life.tick()
    expect(life.name).toBe('000001@ivf-1')
    expect(life.search(queryOf('new'), 1).rows[0]).toBe(90_000)
    expect(life.has(plain.rows[0] as number)).toBe(false)
    life.upsert(
      90_001,
      queryOf('newer').map((x) => x * 3),
    )
    life.rollback('the one before has it too')
    expect(life.search(queryOf('newer'), 1).rows[0]).toBe(90_001)
  })

  it('refuses an index that recalls too little, keeps the verdict, and serves on', async () => {
    const spoilt: BuildIndex = async (job) => {
      const { index, measured } = await makeCandidate(job)
      return { index, measured: { ...measured, recall: 0.9 } }
    }
    const ground = groundOf(spoilt)
    const life = openLife(ground, '000004', exact)
    await life.rebuild()
    expect(life.name).toBe('000004@exact')
    expect(news).toEqual([
      { what: 'built', name: '000004@ivf-1', why: '3000 vectors, judged by 128 queries', recall: 0.9 },
      { what: 'refused', name: '000004@ivf-1', why: expect.stringContaining('0.9000') },
    ])
    expect(ground.shelf.list()).toMatchObject([{ name: '000004@ivf-1', state: 'refused', bytes: 0 }])
    life.tick()
    expect(life.standing.building).toBe(false) // not again at once
    clock.advance(DAY)
    life.tick()
    expect(life.standing.building).toBe(true)
    await life.rebuild()
  })

  it('refuses an index that falls out of the band of the one before', async () => {
    let worse = 0
    const ground = groundOf(async (job) => {
      const { index, measured } = await makeCandidate(job)
      return { index, measured: { ...measured, recall: (measured.recallBefore ?? measured.recall) - worse } }
    })
    const life = openLife(ground, '000004', exact)
    await next(life)
    worse = 0.021
    await life.rebuild()
    expect(life.name).toBe('000004@ivf-1')
    expect(news.at(-1)).toMatchObject({ what: 'refused', why: expect.stringContaining('of the index before') })
    worse = 0.01
    await next(life)
    expect(life.name).toBe('000004@ivf-3')
  })

  it('refuses an index whose answers to live queries are others, whatever its validation said', async () => {
    const life = openLife(
      groundOf(async (job) => {
        const { measured } = await makeCandidate(job)
        const shuffled = Uint32Array.from(job.rows).reverse() // every vector under another row
        const { index } = await makeCandidate({ ...job, rows: shuffled })
        return { index, measured }
      }),
      '000004',
      exact,
    )
    await next(life)
    expect(life.name).toBe('000004@exact')
    expect(news.at(-1)).toMatchObject({ what: 'refused', why: expect.stringContaining('live queries were served') })
  })

  it('survives a build that throws, and says so', async () => {
    const life = openLife(
      groundOf(() => Promise.reject(new Error('no memory'))),
      '000004',
      exact,
    )
    await life.rebuild()
    expect(news).toEqual([{ what: 'refused', name: '000004@ivf-1', why: expect.stringContaining('no memory') }])
    expect(life.search(queryOf('still'), 5).rows.length).toBe(5)
  })

  it('builds anew when too much lies outside the cells', async () => {
    const life = openLife(groundOf(), '000004', exact)
    await next(life)
    const one = queryOf('crowd')
    for (let i = 0; i < 1000; i++)
      life.upsert(
        100_000 + i,
        one.map((x, d) => x + ((i * (d + 1)) % 7) / 100),
      )
    expect(life.astray).toBeGreaterThan(limits.astrayMax)
    life.tick()
    expect(life.standing.building).toBe(true)
    await life.rebuild()
    await ask(life, limits.shadowQueries)
    life.tick()
    expect(life.name).toBe('000004@ivf-2')
    expect(life.astray).toBe(0)
  })
})
