import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DAY, manualClock } from '../../foundation/base/index.ts'
import { Candidates, type Outcome } from '../../serving/pipeline/index.ts'
import { buildIvf, ExactIndex, saveKeys, Shelf } from '../../serving/vectors/index.ts'
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
  lives.attach(folder, undefined)
  const { open } = lives.homeOf('sequence')
  const { index, settled } = open('000001', two)
  await settled() // two vectors are searched exactly: there is nothing to wait for
  expect([...index.search(Float32Array.of(0.2, 1, 0, 0), 5).rows]).toEqual([9, 7])
  expect(lives.versions()).toEqual({ sequence: '000001@exact' })
  open('000002', two)
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
  shelf.promote('000001@ivf-1', 'it passed', DAY)
  const lives = new IndexLives(clock)
  lives.attach(folder, undefined)
  const home = lives.homeOf('source')
  expect(home.open('000001', two).index.size).toBe(3)
  const keys = { key: (row: number, out: Uint32Array, at: number) => out.set([row, row], at) }
  const living = { rows: Uint32Array.of(4, 9), keys: Uint32Array.of(7, 7, 9, 9) } // what was row 7 is row 4, 11 is gone
  expect(home.kept('000001', living, keys)).toBeUndefined() // no keys were written beside it
  saveKeys(keysPath, '000001', { rows, keys: Uint32Array.of(7, 7, 9, 9, 11, 11) })
  const found = home.kept('000001', living, keys)
  expect(Array.from(found?.rows() ?? [])).toEqual([4, 9])
  expect(found?.search(Float32Array.of(1, 0.2, 0, 0), 2).rows[0]).toBe(4)
  expect(home.open('000001', two, keys).index.kind).toBe('life') // with keys, rows are not believed
  expect(shelf.pointer.live).toBe('000001@exact')
  await lives.stop()
})

function vectorsOf(index: ExactIndex, rows: Uint32Array): Float32Array {
  const vectors = new Float32Array(rows.length * 4)
  for (const [i, row] of rows.entries()) index.read(row, vectors.subarray(i * 4, (i + 1) * 4))
  return vectors
}

it('takes slates into account, of sources on the surface and of others', async () => {
  const lives = new IndexLives(clock)
  lives.attach(folder, undefined)
  lives.homeOf('sequence').open('000001', two)
  const slate = (sources: string[]): Outcome => {
    const ranked = new Candidates(sources, 2)
    ranked.rows.set([7, 9])
    ranked.mask.set([1, 0])
    const pick = { index: 0, propensity: 1, explored: false, pinned: false }
    return { ranked, picks: [pick, { ...pick, index: 1 }] } as unknown as Outcome
  }
  for (let i = 0; i < 2000; i++) lives.observe(slate(i % 2 ? ['sequence'] : ['popular']))
  expect(lives.versions()).toEqual({ sequence: '000001@exact' }) // nothing was swapped: nothing is taken back
  await lives.stop()
})
