import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { manualClock } from '../../foundation/base/index.ts'
import { Candidates, type Outcome } from '../../serving/pipeline/index.ts'
import { buildIvf, ExactIndex, type IndexLife, lifeLimits, saveKeys, Shelf } from '../../serving/vectors/index.ts'
import { IndexLives } from './index-lives.ts'

let folder = ''
const clock = manualClock(Date.UTC(2026, 0, 1))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'index-lives-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function two(): ExactIndex {
  const index = new ExactIndex(4)
  index.upsert(7, Float32Array.of(1, 0, 0, 0))
  index.upsert(9, Float32Array.of(0, 1, 0, 0))
  return index
}

it('opens exact indexes that nobody keeps until it knows where to keep them', async () => {
  const lives = new IndexLives(clock)
  const { index, settled } = lives.homeOf('sequence').open('000001', two)
  await settled()
  expect(index.kind).toBe('exact')
  expect(lives.versions()).toEqual({})
  await lives.stop()
})

it('names what serves by source and version, and searches it', async () => {
  const lives = new IndexLives(clock)
  lives.attach({ folder, log: undefined })
  const { open, serve } = lives.homeOf('sequence')
  const { index, settled } = open('000001', two)
  await settled() // two vectors are searched exactly: there is nothing to wait for
  serve('000001')
  expect([...index.search(Float32Array.of(0.2, 1, 0, 0), 5).rows]).toEqual([9, 7])
  expect(lives.versions()).toEqual({ sequence: '000001@exact' })
  open('000002', two)
  expect(lives.versions()).toEqual({ sequence: '000001@exact' }) // it comes
  serve('000002')
  expect(lives.versions()).toEqual({ sequence: '000002@exact' })
  await lives.stop()
})

it('reads an index from its file: as it is where rows last, in the rows of today where there are keys', async () => {
  const shelf = new Shelf(join(folder, 'source'), clock)
  const three = two()
  three.upsert(11, Float32Array.of(0, 0, 1, 0))
  const rows = three.rows()
  const kept = await buildIvf({ dim: 4, rows, vectors: vectorsOf(three, rows) }, { cells: 1 })
  const { path, keysPath } = shelf.place('000001@ivf-1')
  kept.save(path, '000001')
  shelf.judge('000001@ivf-1', { pass: true, checks: [] })
  shelf.promote('000001@ivf-1', 'it passed', lifeLimits)
  const lives = new IndexLives(clock)
  lives.attach({ folder, log: undefined })
  const home = lives.homeOf('source')
  expect(home.open('000001', two).index.size).toBe(3)
  const keys = { key: (row: number, out: Uint32Array, at: number) => out.set([row, row], at) }
  const living = { rows: Uint32Array.of(4, 9), keys: Uint32Array.of(7, 7, 9, 9) } // what was row 7 is row 4, 11 is gone
  expect(home.kept('000001', living, { keys })).toBeUndefined() // no keys were written beside it
  saveKeys(keysPath, '000001', { rows, keys: Uint32Array.of(7, 7, 9, 9, 11, 11) })
  const found = home.kept('000001', living, { keys })
  expect(Array.from(found?.rows() ?? [])).toEqual([4, 9])
  expect(found?.search(Float32Array.of(1, 0.2, 0, 0), 2).rows[0]).toBe(4)
  expect(home.open('000001', two, { keys }).index.kind).toBe('life') // with keys, rows are not believed
  home.serve('000001')
  expect(shelf.pointer.live).toBe('000001@exact')
  await lives.stop()
})

function vectorsOf(index: ExactIndex, rows: Uint32Array): Float32Array {
  const vectors = new Float32Array(rows.length * 4)
  for (const [i, row] of rows.entries()) index.read(row, vectors.subarray(i * 4, (i + 1) * 4))
  return vectors
}

it('has a model taken back, once and with the reason, when its source brings less than the version before', async () => {
  const lives = new IndexLives(clock)
  const taken: string[] = []
  const takeBack = async (source: string, why: string) => void taken.push(`${source}: ${why}`)
  lives.attach({ folder, log: undefined, takeBack })
  const home = lives.homeOf('sequence')
  for (const version of ['000001', '000002', '000003']) home.open(version, two)
  const see = (count: number, contributing: number) => {
    for (let i = 0; i < count; i++)
      lives.observe(slate(i % 10 < contributing ? ['sequence'] : ['popular', 'sequence']), 'bst')
  }
  home.serve('000001')
  see(600, 8)
  home.serve('000002')
  see(500, 8)
  expect(taken).toEqual([])
  home.serve('000003')
  see(500, 2)
  expect(taken).toEqual(['sequence: automatic: the source proposed 10.0 % of what is shown, and 40.0 % before'])
  expect(home.past('000003')).toBe('000002')
  home.serve('000002') // it comes back, and is not held against the one that was bad
  see(2000, 8)
  expect(taken).toHaveLength(1)
  expect(home.past('000002')).toBe('000003')
  await lives.stop()
})

it('lets a slate out though an index that slates speak against cannot be taken back', async () => {
  const name = '000001@ivf-1'
  const shelf = new Shelf(join(folder, 'sequence'), clock)
  const exact = two()
  const rows = exact.rows()
  const kept = await buildIvf({ dim: 4, rows, vectors: vectorsOf(exact, rows) }, { cells: 1 })
  kept.save(shelf.place(name).path, '000001')
  shelf.judge(name, { pass: true, checks: [] })
  shelf.promote(name, 'it passed', lifeLimits)
  const told: string[] = []
  const log = { debug() {}, info() {}, warn() {}, error: (_: object, text: string) => void told.push(text) }
  const lives = new IndexLives(clock)
  lives.attach({ folder, log })
  const home = lives.homeOf('sequence')
  const { index } = home.open('000001', two)
  home.serve('000001')
  for (let row = 20; row < 60; row++) index.upsert(row, Float32Array.of(1, row, 0, 0)) // more than its cell has room for
  const standing = () => (index as IndexLife).standing
  await vi.waitFor(() => expect(standing().shadow).toBe('000001@ivf-2'), 60_000)
  const see = (count: number, sources: string[]) => {
    for (let i = 0; i < count; i++) lives.observe(slate(sources), 'bst')
  }
  see(500, ['sequence'])
  clock.advance(lifeLimits.shadowMs)
  await vi.waitFor(() => expect(standing()).toMatchObject({ live: '000001@ivf-2', before: name }), 60_000)
  rmSync(shelf.folder, { recursive: true })
  writeFileSync(shelf.folder, 'no folder any more')
  expect(() => see(500, ['popular', 'sequence'])).not.toThrow()
  expect(told).toContain('slates speak against an index that stays in use')
  await lives.stop()
})

it('keeps nothing of the version before where no time is given for it', async () => {
  const lives = new IndexLives(clock)
  lives.attach({ folder, log: undefined, keepVersionMs: 0 })
  const home = lives.homeOf('sequence')
  for (const version of ['000001', '000002']) {
    home.open(version, two)
    home.serve(version)
  }
  expect(home.past('000002')).toBeUndefined()
  await lives.stop()
})

function slate(sources: string[]): Outcome {
  const ranked = new Candidates(sources, 2)
  ranked.rows.set([7, 9])
  ranked.mask.set([1, 0])
  const pick = { index: 0, propensity: 1, explored: false, pinned: false }
  return { ranked, picks: [pick, { ...pick, index: 1 }] } as unknown as Outcome
}

it('takes slates into account, of sources on the surface and of others', async () => {
  const lives = new IndexLives(clock)
  lives.attach({ folder, log: undefined })
  lives.homeOf('sequence').open('000001', two)
  lives.homeOf('sequence').serve('000001')
  for (let i = 0; i < 2000; i++) lives.observe(slate(i % 2 ? ['sequence'] : ['popular']))
  expect(lives.versions()).toEqual({ sequence: '000001@exact' }) // nothing was swapped: nothing is taken back
  await lives.stop()
})
