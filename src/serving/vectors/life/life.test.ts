import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY, manualClock, Random } from '../../../foundation/base/index.ts'
import { ExactIndex } from '../exact.ts'
import { plainVectors } from '../vector-index.suite.ts'
import { type BuildIndex, makeCandidate } from './candidate.ts'
import type { IndexNews, LifeGround } from './ground.ts'
import type { IndexLife } from './life.ts'
import { type LifeLimits, lifeLimits } from './limits.ts'
import type { VectorKeys } from './keys.ts'
import { openKept, openLife as openComing } from './open-life.ts'
import { Shelf } from './shelf.ts'
import { SwapWatch } from './swap-watch.ts'

const DIM = 16
const plain = plainVectors('life', 3000, DIM)
const limits: LifeLimits = { ...lifeLimits, shadowShare: 1, shadowQueries: 20, watchSlates: 60, keepMs: DAY }

let folder = ''
let news: IndexNews[] = []
let clock = manualClock()
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'index-life-'))
  news = []
  clock = manualClock(Date.UTC(2026, 0, 1))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function groundOf(build: BuildIndex = (job) => makeCandidate(job)): LifeGround {
  return {
    ...{ shelf: new Shelf(join(folder, 'towers'), clock), clock, build, limits, watch: new SwapWatch(limits) },
    ...{ random: new Random('shadow'), tell: (what: IndexNews) => news.push(what), invertFrom: 1000 },
  }
}

function exact(): ExactIndex {
  const index = new ExactIndex(DIM)
  plain.rows.forEach((row, i) => {
    index.upsert(row, plain.vectors.subarray(i * DIM, (i + 1) * DIM))
  })
  return index
}

/** One that serves from now on. */
function openLife(...args: Parameters<typeof openComing>): IndexLife {
  const life = openComing(...args)
  life.serve()
  return life
}

const queryOf = (seed: string) => {
  const random = new Random(seed)
  return Float32Array.from({ length: DIM }, () => random.normal())
}

/** Live queries, and time for what they leave behind. */
async function ask(life: IndexLife, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    life.search(queryOf(`live ${i}`), 50)
    await turn()
  }
}

/** Builds, shadows and swaps in the next generation. */
async function next(life: IndexLife): Promise<void> {
  await life.rebuild()
  await ask(life, limits.shadowQueries)
  life.tick()
}

const slate = (contributed: number, score: (i: number) => number) => ({
  ...{ shown: 20, contributed },
  scores: Array.from({ length: 20 }, (_, i) => score(i)),
})

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

  it('goes back by itself when the source contributes half of what it did, with the reason written', async () => {
    const ground = groundOf()
    const life = openLife(ground, '000004', exact)
    for (let i = 0; i < 80; i++) life.observe(slate(8, (at) => at))
    await next(life)
    for (let i = 0; i < limits.watchSlates - 1; i++) expect(life.observe(slate(3, (at) => at))).toBeUndefined()
    expect(life.observe(slate(3, (at) => at))?.pass).toBe(false)
    expect(life.name).toBe('000004@exact')
    expect(ground.shelf.pointer.log.at(-1)?.why).toBe(
      'automatic: the source proposed 15.0 % of what is shown, and 40.0 % before',
    )
    for (let i = 0; i < 200; i++) expect(life.observe(slate(8, (at) => at))).toBeUndefined()
  })

  it('goes back by itself when fine-rank scores move, and stays when they do not', async () => {
    const random = new Random('scores')
    const life = openLife(groundOf(), '000004', exact)
    const usual = () => slate(8, () => random.normal())
    for (let i = 0; i < limits.watchSlates; i++) life.observe(usual())
    await next(life)
    let verdict = life.observe(usual())
    while (verdict === undefined) verdict = life.observe(usual())
    expect(verdict.pass).toBe(true)
    expect(life.name).toBe('000004@ivf-1')
    await next(life)
    expect(life.name).toBe('000004@ivf-2')
    for (let i = 0; i < limits.watchSlates; i++) life.observe(slate(8, () => random.normal() - 1))
    expect(life.name).toBe('000004@ivf-1')
    expect(news.at(-1)).toMatchObject({ what: 'rolled back', why: expect.stringContaining('PSI') })
  })

  it('keeps the one before for a day, then no longer', async () => {
    const ground = groundOf()
    const life = openLife(ground, '000004', exact)
    await next(life)
    await next(life)
    expect(readdirSync(ground.shelf.folder)).toEqual(['000004@ivf-1', '000004@ivf-2', 'pointer.json'])
    clock.advance(DAY + 1)
    life.tick()
    expect(life.standing.before).toBeUndefined()
    expect(() => life.rollback('too late')).toThrow(expect.objectContaining({ code: 'ERR_INDEX_STATE' }))
    expect(ground.shelf.sweep()).toEqual(['000004@ivf-1'])
  })

  it('follows a rollback from outside, also after a restart', async () => {
    const ground = groundOf()
    const life = openLife(ground, '000004', exact)
    await next(life)
    await next(life)
    ground.shelf.rollback('asked for')
    life.tick()
    expect(life.name).toBe('000004@ivf-1')
    await next(life)
    expect(life.name).toBe('000004@ivf-3')
    const again = openLife(ground, '000004', () => expect.unreachable('it is on the shelf'))
    expect(again.name).toBe('000004@ivf-3')
    expect(again.search(queryOf('same'), 20)).toEqual(life.search(queryOf('same'), 20))
    ground.shelf.rollback('asked for')
    again.tick()
    expect(again.name).toBe('000004@ivf-1')
  })

  it('is read after a restart in the rows of that day, with what its vectors were made from as the key', async () => {
    // The key of a vector is its own bits, folded: what is equal is the same.
    const foldOf = (vector: Float32Array) => {
      const bits = new Uint32Array(vector.slice().buffer)
      return [0, 1].map((half) => bits.reduce((sum, b, i) => (i % 2 === half ? Math.imul(sum ^ b, 16777619) : sum), 7))
    }
    const vectorAt = (i: number) => plain.vectors.subarray(i * DIM, (i + 1) * DIM)
    const made = new Map(Array.from(plain.rows, (row, i) => [row, foldOf(vectorAt(i))]))
    const keysOf = (map: typeof made): VectorKeys => ({
      key: (row, out, at) => out.set(map.get(row) ?? [0, 0], at),
    })
    const ground = { ...groundOf(), keys: keysOf(made) }
    const life = openLife(ground, '000004', exact)
    await next(life)
    await next(life)
    // After the restart: everything lies 100 rows further, the first five are gone, the sixth has changed.
    const moved = new Map([...made].slice(5).map(([row, key], i) => [row + 100, i === 0 ? [1, 2] : key]))
    const rows = Uint32Array.from(moved.keys())
    const living = { rows, keys: Uint32Array.from([...moved.values()].flat()) }
    const keys = keysOf(moved)
    const again = openKept({ ...ground, keys }, '000004', living) as IndexLife
    again.serve()
    expect(again.name).toBe('000004@ivf-2')
    expect(again.size).toBe(plain.rows.length - 6)
    const changed = rows[0] as number
    expect(again.has(changed)).toBe(false)
    again.upsert(changed, vectorAt(5))
    const whole = (index: IndexLife) => index.search(queryOf('same'), 3000)
    const before = Array.from(whole(life).rows, (row) => row + 100).filter((row) => moved.has(row))
    expect([...whole(again).rows].sort()).toEqual(before.sort())
    // Back to the one before, which is on disk alone and in the rows of then.
    again.rollback('asked for')
    expect(again.name).toBe('000004@ivf-1')
    expect([...whole(again).rows].sort()).toEqual(before.sort())
    expect(openKept({ ...ground, keys }, '000005', living)).toBeUndefined()
  })

  it('starts on the one before when the live file is damaged, and exactly when both are', async () => {
    const ground = groundOf()
    const life = openLife(ground, '000004', exact)
    await next(life)
    await next(life)
    truncateSync(join(ground.shelf.folder, '000004@ivf-2', 'index.bin'), 1000)
    expect(openLife(ground, '000004', exact).name).toBe('000004@ivf-1')
    expect(news.at(-1)).toMatchObject({ what: 'refused', name: '000004@ivf-2' })
    truncateSync(join(ground.shelf.folder, '000004@ivf-1', 'index.bin'), 1000)
    expect(openLife(ground, '000004', exact).name).toBe('000004@exact')
  })

  it('never serves an index of other embeddings, nor goes back to one', async () => {
    const ground = groundOf()
    await next(openLife(ground, '000004', exact))
    const newer = openLife(ground, '000005', exact)
    expect(newer.name).toBe('000005@exact')
    expect(() => newer.rollback('no')).toThrow(/of other embeddings; go back to that model/)
  })

  it('rests when other embeddings serve, takes what changes, and is there again, on disk too; the one before that is not', async () => {
    const ground = groundOf()
    const first = openLife(ground, '000004', exact)
    await next(first)
    const second = openComing(ground, '000005', exact)
    await second.ready() // an inverted file before it serves
    expect([ground.shelf.pointer.live, second.name]).toEqual(['000004@ivf-1', '000005@ivf-1'])
    first.rest()
    second.serve()
    expect(second.standing.before).toBeUndefined() // the exact one never served: nothing goes back to it
    expect(ground.shelf.past('000005')).toBe('000004')
    expect(ground.shelf.list().map(({ name, state }) => [name, state])).toEqual([
      ['000004@ivf-1', 'kept'],
      ['000005@ivf-1', 'live'],
    ])
    await next(second) // the sweep of its own generations leaves the other embeddings alone
    const vector = queryOf('new').map((x) => x * 3)
    for (const life of [first, second]) life.upsert(90_000, vector)
    expect(first.search(queryOf('new'), 1).rows[0]).toBe(90_000)
    first.tick()
    expect(first.standing.building).toBe(false)
    const again = openComing(ground, '000004', () => expect.unreachable('it is on the shelf'))
    expect(again.name).toBe('000004@ivf-1')
    again.serve()
    expect(ground.shelf.past('000004')).toBe('000005')
    openLife(ground, '000006', exact)
    expect(ground.shelf.list().map(({ name }) => name)).toEqual(['000004@ivf-1'])
    clock.advance(DAY)
    expect(ground.shelf.past('000006')).toBeUndefined()
    expect(ground.shelf.sweep()).toEqual(['000004@ivf-1'])
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
