import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { manualClock } from '../../foundation/base/index.ts'
import { Checkpoints, type Learned, startOf } from './checkpoints.ts'
import { type Epochs, runEpochs } from './epochs.ts'
import { toyLearned } from './testing/toy-learned.ts'

let folder: string
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'sluice-epochs-'))
})
afterEach(() => fs.rmSync(folder, { recursive: true }))

const STEPS = 2
const NONE = Number.NEGATIVE_INFINITY

/** Weights count the steps; validations give these values in turn. Stopped after so many steps, and gone on with. */
async function run(values: readonly number[], { patience = 0, stopAfter = 0 } = {}) {
  const clock = manualClock(0)
  const go = async (learned: Learned, signal: AbortSignal, stop: () => void) => {
    const checkpoints = new Checkpoints(join(folder, String(stopAfter)))
    const found = checkpoints.latest('toy')
    const position = found?.position ?? startOf('toy')
    found?.restore(learned)
    const plan: Epochs<number, number> = {
      ...{ epochs: values.length, patience, stepsPerEpoch: STEPS, learned },
      batches: () => Array.from({ length: STEPS }, (_, i) => i),
      learn: async (_, step) => {
        learned.dense.weights[0]++
        if (step === stopAfter) stop()
        return { loss: 1, examples: 1 }
      },
      validate: async () => ({ metrics: 0, value: values[position.epoch] as number }),
    }
    const best = await runEpochs(plan, position, checkpoints, { clock, signal })
    return { ...position, weight: best.dense.weights[0] }
  }
  const first = new AbortController()
  const stopped = await go(toyLearned(), first.signal, () => first.abort())
  return stopped.done ? stopped : go(toyLearned(), new AbortController().signal, () => {})
}

it('keeps the best epoch, and stops when none has been better for as long as it has patience', async () => {
  expect(await run([1, 3, 2, 2, 9], { patience: 2 })).toMatchObject({ bestEpoch: 2, bestValue: 3, weight: 4, epoch: 4 })
  expect(await run([1, 3, 2, 9], { stopAfter: 99 })).toMatchObject({ bestEpoch: 4, weight: 8 })
})

it('takes what has no value for the worst there is, never for the best', async () => {
  expect(await run([NONE, 1, Number.NaN])).toMatchObject({ bestEpoch: 2, bestValue: 1, weight: 4 })
  expect(await run([Number.NaN, 1], { stopAfter: 99 })).toMatchObject({ bestEpoch: 2, bestValue: 1, weight: 4 })
})

it.each([
  ['values', [1, 3, 2]],
  ['validations without a value', [NONE, NONE, 1]],
])('goes on from any step as if it had not been stopped: %s', async (_, values) => {
  const straight = await run(values, { patience: 1 })
  for (let stopAfter = 1; stopAfter < values.length * STEPS; stopAfter++)
    expect(await run(values, { patience: 1, stopAfter }), `stopped after ${stopAfter}`).toEqual(straight)
})
