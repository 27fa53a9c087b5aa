import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import { createEngine } from '../create-engine.ts'

it('keeps nothing of a slate that was on its way when its viewer was erased', async () => {
  const data = mkdtempSync(join(tmpdir(), 'sluice-erased-'))
  const slow = { budgetMs: 20_000, fineMs: 10_000 }
  const config = completeConfig({ surfaces: { home: { budgetMs: 20_000 } }, budgets: { profiles: { '100ms': slow } } })
  const engine = createEngine({ data, config, faults: 'ranker-slow:1:3000' })
  try {
    await engine.open()
    await engine.putItems(Array.from({ length: 6 }, (_, i) => ({ id: `i${i}` })))
    await engine.events([{ id: 'e0', kind: 'click', user: 'u-leaving', item: 'i3', at: Date.now() - 2000 }])
    const coming = engine.slate({ surface: 'home', user: 'u-leaving' })
    const { erased } = await engine.eraseUser('u-leaving')
    expect(erased).toMatchObject({ journal: 1, served: 0, slates: 0 }) // it is not made yet
    const slate = await coming
    expect(slate.personal).toBe(true)
    expect(() => engine.explain(slate.slate)).toThrow(slate.slate)
  } finally {
    await engine.close()
  }
  const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  const naming = files.filter((one) => readFileSync(join(one.parentPath, one.name)).includes('u-leaving'))
  expect(naming.map(({ name }) => name)).toEqual([])
  rmSync(data, { recursive: true, force: true })
})
