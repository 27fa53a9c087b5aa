import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DAY, manualClock } from '../../foundation/base/index.ts'
import { Candidates, type Outcome } from '../../serving/pipeline/index.ts'
import { ExactIndex, Shelf } from '../../serving/vectors/index.ts'
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
  const { index, settled } = lives.opener('sequence', true)('000001', two)
  await settled()
  expect(index.kind).toBe('exact')
  expect(lives.versions()).toEqual({})
  await lives.stop()
})

it('names what serves by source and version, and searches it', async () => {
  const lives = new IndexLives(clock)
  lives.attach(folder, undefined)
  const open = lives.opener('sequence', true)
  const { index, settled } = open('000001', two)
  await settled() // two vectors are searched exactly: there is nothing to wait for
  expect([...index.search(Float32Array.of(0.2, 1, 0, 0), 5).rows]).toEqual([9, 7])
  expect(lives.versions()).toEqual({ sequence: '000001@exact' })
  open('000002', two)
  expect(lives.versions()).toEqual({ sequence: '000002@exact' })
  await lives.stop()
})

it('reads an index from its file only where rows last', async () => {
  const shelf = new Shelf(join(folder, 'two-tower'), clock)
  const kept = two()
  kept.upsert(11, Float32Array.of(0, 0, 1, 0))
  kept.save(shelf.place('000001@ivf-1'), '000001')
  shelf.judge('000001@ivf-1', { pass: true, checks: [] })
  shelf.promote('000001@ivf-1', 'it passed', DAY)
  const lives = new IndexLives(clock)
  lives.attach(folder, undefined)
  expect(lives.opener('two-tower', true)('000001', two).index.size).toBe(3)
  expect(lives.opener('two-tower', false)('000001', two).index.size).toBe(2)
  expect(shelf.pointer.live).toBe('000001@exact')
  await lives.stop()
})

it('takes slates into account, of sources on the surface and of others', async () => {
  const lives = new IndexLives(clock)
  lives.attach(folder, undefined)
  lives.opener('sequence', true)('000001', two)
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
