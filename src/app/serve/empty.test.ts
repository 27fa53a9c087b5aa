import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import { createEngine } from '../create-engine.ts'

it('says of an empty slate, and in its explanation, which condition of the filter left nothing', async () => {
  const data = mkdtempSync(join(tmpdir(), 'sluice-empty-'))
  const engine = createEngine({ data, config: completeConfig() })
  try {
    await engine.open()
    await engine.putItems([{ id: 'a', categories: ['music'] }, { id: 'b' }])
    const slate = await engine.slate({ surface: 'home', filter: { field: 'category', is: 'musik' } })
    expect(slate).toMatchObject({ rung: 'empty', items: [] })
    const note = 'no item meets category is "musik"; did you mean "music"?'
    expect(slate.stages.filter((stage) => stage.note).map(({ stage, note }) => [stage, note])).toEqual([
      ['filter', note],
    ])
    expect((await engine.explain(slate.slate)).stages.find(({ stage }) => stage === 'filter')?.note).toBe(note)
    const some = await engine.slate({ surface: 'home', filter: { field: 'category', is: 'music' } })
    expect(some.stages.some(({ note }) => note?.includes('no item'))).toBe(false)
  } finally {
    await engine.close()
    rmSync(data, { recursive: true, force: true })
  }
})
