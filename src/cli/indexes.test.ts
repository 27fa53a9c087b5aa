import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../foundation/base/index.ts'
import { ExactIndex, lifeLimits, Shelf } from '../serving/vectors/index.ts'
import { run } from './testing/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'cli-index-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(() => {
  const shelf = new Shelf(join(folder, 'indexes', 'two-tower'), systemClock)
  const index = new ExactIndex(4)
  index.upsert(1, Float32Array.of(1, 2, 3, 4))
  const check = { check: 'recall', pass: true, value: 0.9712, limit: 0.95, say: 'recall@1000 is 0.9712' }
  for (const name of ['000004@ivf-1', '000004@ivf-2']) {
    index.save(shelf.place(name).path, '000004')
    shelf.judge(name, { pass: true, checks: [check] })
    shelf.promote(name, `${name} passed`, lifeLimits)
  }
  shelf.judge('000004@ivf-3', { pass: false, checks: [{ ...check, pass: false, value: 0.9 }] })
})

const at = ['--data', folder]
const json = async (words: readonly string[]) => JSON.parse((await run([...words, ...at, '--json'], { folder })).out)

it('lists indexes with their standing and checks', async () => {
  expect(await json(['index', 'list'])).toMatchObject([
    { source: 'two-tower', name: '000004@ivf-1', state: 'kept' },
    { source: 'two-tower', name: '000004@ivf-2', state: 'live' },
    { source: 'two-tower', name: '000004@ivf-3', state: 'refused', bytes: 0 },
  ])
  const { out } = await run(['index', 'list', ...at], { folder })
  expect(out).toContain('recall failed 0.9000')
})

it('shows what was swapped and why', async () => {
  const { log } = await json(['index', 'show', 'two-tower'])
  expect(log.at(-1)).toMatchObject({ from: '000004@ivf-1', to: '000004@ivf-2', why: '000004@ivf-2 passed' })
})

it('goes back with a reason, once, and says why it cannot go further', async () => {
  const went = await json(['index', 'rollback', 'two-tower', '--why', 'clicks fell'])
  expect(went).toEqual({ source: 'two-tower', from: '000004@ivf-2', to: '000004@ivf-1' })
  expect((await json(['index', 'show', 'two-tower'])).log.at(-1).why).toBe('clicks fell')
  const again = await run(['index', 'rollback', 'two-tower', ...at], { folder })
  expect(again.code).toBe(1)
  expect(again.err).toContain('no earlier one is kept')
})

it('names the sources there are when asked for another', async () => {
  const { code, err } = await run(['index', 'show', 'slim', ...at], { folder })
  expect(code).toBe(1)
  expect(err).toContain('sources with an index are: two-tower')
})
