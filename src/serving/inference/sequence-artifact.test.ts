import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { initialParameters } from '../../learning/graph/index.ts'
import { type SequenceConfig, sequenceServing } from '../../learning/models/index.ts'
import { Registry } from '../../learning/registry/index.ts'
import { readSequence, SEQUENCE, writeSequence } from './sequence-artifact.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-sequence-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('is written as files and read again; files that do not fit what the manifest says are refused', () => {
  const random = new Random('sequence')
  const config: SequenceConfig = {
    ...{ width: 8, length: 6, blocks: 1, heads: 2, expansion: 2 },
    ...{ gated: true, feedForward: 'relu', dropout: 0 },
  }
  const { graph } = sequenceServing(config, 6)
  const table = Float32Array.from({ length: 5 * 8 }, () => random.normal())
  const model = { config, items: 5, parameters: initialParameters(graph, 'sequence'), table }
  const ids = ['a', 'b', 'c', 'd', 'e']
  const draft = new Registry(folder).draft(SEQUENCE)
  writeSequence(draft, model, ids)
  const path = (file: string) => join(draft.folder, file)
  const read = (items: number) => readSequence('sequence/draft', { model: config, items, held: 2 }, path)
  expect(read(5)).toEqual({ model, ids })
  expect(() => read(6)).toThrow(/says 6 items; the files hold 5 ids and 40 numbers/)
  writeFileSync(path('items.f32'), readFileSync(path('items.f32')).subarray(4))
  expect(() => read(5)).toThrow(/the files hold 5 ids and 39 numbers/)
})
