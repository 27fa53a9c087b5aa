import { beforeAll, describe, expect, it } from 'vitest'
import { completeConfig } from '../../../domain/index.ts'
import { Dataset, type RequestSplit, splitByTime } from '../../../stream/samples/index.ts'
import { runGates } from '../../registry/index.ts'
import { worldSamples } from '../testing/world-samples.ts'
import { featureDrift } from './drift.ts'

let samples: Dataset
let split: RequestSplit

beforeAll(() => {
  // Ten days from the first event on: everything that is counted or decays still fills up.
  samples = worldSamples({ users: 300, items: 600, days: 10, seed: 'young' }).samples
  split = splitByTime(samples, { validation: 0.1, test: 0.1 })
})

const place = (name: string) => samples.header.featureNames.indexOf(name)
/** The same samples with the cells of the test part changed. */
function changed(change: (cells: Float32Array, item: number) => void): Dataset {
  const made = new Dataset(
    samples.header,
    samples.chunks.map((chunk) => structuredClone(chunk)),
  )
  for (const number of split.test) {
    const { features, items } = made.request(number)
    for (let i = 0; i < items.length; i++)
      change(features.subarray(i * samples.width, (i + 1) * samples.width), items[i] as number)
  }
  return made
}
function judged(of: Dataset) {
  const drift = featureDrift(of, split.train, split.test)!
  const gates = runGates({ drift }, completeConfig().learning.gates)
  return { drift, verdict: gates.find(({ gate }) => gate === 'drift')! }
}
const named = (of: Dataset, which: 'broken' | 'asUsual') =>
  judged(of).drift.columns.flatMap((column) => (column[which] ? [column.name] : []))

describe('drift of a young platform', () => {
  it('is its growth: what fills up moves as it did before, is told, and stops no model', () => {
    const { drift, verdict } = judged(samples)
    const growing = drift.columns.filter(({ asUsual }) => asUsual).map(({ name }) => name)
    expect(growing).toEqual(expect.arrayContaining(['category.popularity.max', 'creator.popularity', 'user.history']))
    expect(growing.length / drift.columns.length).toBeGreaterThan(0.05) // each of them would have counted
    expect(verdict).toMatchObject({ pass: true, say: expect.stringMatching(/\d+ more moved as they did before/) })
    expect(drift.twoSample.auc).toBeGreaterThan(0.8)
    expect(drift.twoSample.before).toBeGreaterThan(drift.twoSample.auc - 0.05)
    expect(verdict.say).not.toContain('warning')
  })

  it.each(['item.ctr', 'item.popularity', 'category.popularity.max', 'item.duration'])(
    'is found when %s comes in another unit, by its name alone',
    (name) => {
      const scaled = changed((cells) => void (cells[place(name)]! *= 10))
      const { drift, verdict } = judged(scaled)
      const { broken } = drift.columns[place(name)]!
      expect({ name, broken }).toEqual({ name, broken: true })
      expect(verdict).toMatchObject({ pass: false, say: expect.stringContaining(name) })
      expect(verdict.say).toMatch(/^broken, by two deviations or more/)
    },
  )

  it('is found when items lose their categories', () => {
    const lost = changed((cells) => {
      for (const name of ['category.ctr.max', 'category.ctr.mean']) cells[place(name)] = 0.05 // the prior
      for (const name of ['category.popularity.max', 'category.popularity.mean']) cells[place(name)] = 0
      for (const name of ['affinity.category', 'affinity.category.mean']) cells[place(name)] = 0
    })
    expect(named(lost, 'broken')).toEqual(expect.arrayContaining(['category.popularity.max']))
    expect(judged(lost).verdict.pass).toBe(false)
  })
})
