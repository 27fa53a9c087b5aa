import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { tableNames } from '../models/index.ts'
import { Checkpoints, startOf } from './checkpoints.ts'
import { toyLearned } from './testing/toy-learned.ts'

let folder: string
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'sluice-checkpoints-'))
})
afterEach(() => fs.rmSync(folder, { recursive: true }))

/** A training that stands at step 7. */
function left(): string {
  const learned = toyLearned()
  learned.dense.weights.set([1, 2, 3])
  new Checkpoints(folder).save({ ...startOf('d'), step: 7 }, learned)
  return join(folder, 'step-000000007')
}

it('gives back where a training stood', () => {
  left()
  const found = new Checkpoints(folder).latest('d')
  const learned = toyLearned()
  found?.restore(learned)
  expect(found?.position).toEqual({ ...startOf('d'), step: 7 })
  expect([...learned.dense.weights]).toEqual([1, 2, 3])
})

it.each(['position.json', 'dense', `${tableNames[0]}.table`])('says of a damaged %s that it is, and where', (file) => {
  const path = join(left(), file)
  const whole = fs.readFileSync(path)
  for (const kept of [0, Math.floor(whole.length / 2), whole.length - 1]) {
    fs.writeFileSync(path, whole.subarray(0, kept))
    const resume = () => new Checkpoints(folder).latest('d')?.restore(toyLearned())
    expect(resume).toThrow(expect.objectContaining({ code: 'ERR_MODEL_INVALID' }))
    expect(resume).toThrow(folder) // so that whoever continues knows which folder to empty
  }
})

it.each([
  ['before the new one has the name', 1, 1],
  ['before the old one is gone', 2, 2],
] as const)('keeps the best of a training that was killed %s', (_, renames, kept) => {
  const learned = toyLearned()
  const best = (weight: number) => {
    learned.dense.weights.fill(weight)
    return new Checkpoints(folder).saveBest(learned)
  }
  best(1)
  const { renameSync, rmSync } = fs
  let done = 0
  const alive = () => {
    if (done === renames) throw new Error('killed') // from then on nothing is done, and nothing tidied up
  }
  vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
    alive()
    renameSync(from, to)
    done++
  })
  vi.spyOn(fs, 'rmSync').mockImplementation((path, options) => {
    alive()
    rmSync(path, options)
  })
  expect(() => best(2)).toThrow('killed')
  vi.restoreAllMocks()
  new Checkpoints(folder).best(learned)
  expect(learned.dense.weights[0]).toBe(kept)
  expect(fs.readdirSync(folder).filter((name) => name.startsWith('.before'))).toEqual([])
})

it('is not that of another training', () => {
  left()
  expect(() => new Checkpoints(folder).latest('other')).toThrow(/another configuration or data/)
})
