import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { run } from './testing/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'cli-outside-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('prints what a model from outside is fed: a manifest that it takes back', async () => {
  const { out, code } = await run(['models', 'inputs'], { folder })
  expect(code).toBe(0)
  const { features, input, values } = JSON.parse(out)
  expect(features.columns).toEqual(expect.arrayContaining(['item.ctr', 'item.popularity']))
  expect({ input, values }).toEqual({ input: 'features', values: 'logits' })
  writeFileSync(join(folder, 'inputs.json'), out)
  writeFileSync(join(folder, 'cut.onnx'), 'not a model')
  // The manifest is fine: what is wrong is the file.
  const added = await run(['models', 'add', 'boosted', 'cut.onnx', '--manifest', 'inputs.json', '--data', '.'], {
    folder,
  })
  expect(added.code).toBe(1)
  expect(added.err).toContain('Cannot add the model "boosted"')
  expect(added.err).not.toContain('manifest')
  expect((await run(['models', 'list', '--data', '.'], { folder })).out).toContain('No model')
})

it('says which file it cannot read', async () => {
  const words = ['models', 'add', 'boosted', 'cut.onnx', '--manifest', 'nowhere.json', '--data', '.']
  const { code, err } = await run(words, { folder })
  expect(code).toBe(1)
  expect(err).toContain('nowhere.json cannot be read')
})
