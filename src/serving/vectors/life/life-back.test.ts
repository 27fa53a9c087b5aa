import { readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DAY, Random, SluiceError } from '../../../foundation/base/index.ts'
import type { IvfIndex } from '../ivf/ivf.ts'
import { type BuildIndex, makeCandidate } from './candidate.ts'
import { DIM, plain, limits, news, clock, groundOf, exact, openLife, queryOf, next, slate } from './testing/scene.ts'
import { openKept, openLife as openComing } from './open-life.ts'
import type { VectorKeys } from './keys.ts'
import type { IndexLife } from './life.ts'

describe('an index that was before', () => {
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

  it('lets go of the one before, and of the one that is looked at, when that has no room for what comes', async () => {
    const made: IvfIndex[] = []
    const build: BuildIndex = async (job) => {
      const candidate = await makeCandidate(job)
      made.push(candidate.index)
      return candidate
    }
    const life = openLife(groundOf(build), '000004', exact)
    await next(life)
    await next(life)
    expect(life.standing).toMatchObject({ live: '000004@ivf-2', before: '000004@ivf-1' })
    const fill = (which: number) => {
      const index = made[which] as IvfIndex
      index.upsert = () => {
        throw new SluiceError('ERR_INDEX_FULL', [String(index.size)])
      }
    }
    fill(0)
    life.upsert(9_001, queryOf('new'))
    expect(life.has(9_001)).toBe(true)
    expect(life.standing.before).toBeUndefined()
    await life.rebuild()
    expect(life.standing.shadow).toBe('000004@ivf-3')
    fill(2)
    life.upsert(9_002, queryOf('newer'))
    expect(life.has(9_002)).toBe(true)
    expect(life.standing.shadow).toBeUndefined()
    fill(1) // what serves has none either
    expect(() => life.upsert(9_003, queryOf('newest'))).toThrow(expect.objectContaining({ code: 'ERR_INDEX_FULL' }))
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
})
