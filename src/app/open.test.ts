import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { completeConfig } from '../domain/index.ts'
import { createEngine } from './create-engine.ts'
import { IndexLives } from './learn/index-lives.ts'

it('frees the folder and writes down what was served though one part cannot be stopped', async () => {
  const data = mkdtempSync(join(tmpdir(), 'sluice-open-'))
  const engine = createEngine({ data, config: completeConfig() })
  await engine.open()
  await engine.putItems([{ id: 'i0' }])
  const { slate } = await engine.slate({ surface: 'home' })
  const stopping = vi.spyOn(IndexLives.prototype, 'stop').mockRejectedValueOnce(new Error('no space left on device'))
  await expect(engine.close()).rejects.toThrow('no space left')
  stopping.mockRestore()
  const again = createEngine({ data, config: completeConfig() })
  await again.open()
  expect(again.explain(slate).items.map(({ item }) => item)).toEqual(['i0'])
  await again.close()
  rmSync(data, { recursive: true, force: true })
})
