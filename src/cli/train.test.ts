import { expect, it } from 'vitest'
import { parseSetting, type TrainReport } from '../app/index.ts'
import { SluiceError } from '../foundation/base/index.ts'
import { run } from './testing/run.ts'

const report = (model: string, promoted: boolean): TrainReport => ({
  ...{ model, version: '000001', examples: 10, seconds: 1, gates: [], promoted },
  metrics: { 'ndcg@10': 0.2, 'ndcg@10.low': 0.1, 'ndcg@10.high': 0.3 },
})
const folder = process.cwd()

it('writes each report as a line of JSON as soon as it is there, whatever comes of the next model', async () => {
  const reports = [report('sequence', true), report('two-tower', false)]
  async function* trainModels(): AsyncGenerator<TrainReport, void, undefined> {
    yield* reports
    throw new Error('the disk is gone')
  }
  const rooms = { app: async () => ({ trainModels, parseSetting }) as never }
  const { code, out } = await run(['train', 'all', '--data', '.', '--json'], { folder, rooms })
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  ).toEqual(reports)
  expect(code).not.toBe(0)
})

it('trains the others when one of all cannot be trained, says why, and fails', async () => {
  type Options = { refused?: (error: Error) => void }
  async function* trainModels(_: unknown, { refused }: Options): AsyncGenerator<TrainReport, void, undefined> {
    refused?.(new SluiceError('ERR_TRAIN_TEACHER', ['coarse', 'bst-isolated']))
    yield report('degraded', true)
  }
  const rooms = { app: async () => ({ trainModels, parseSetting }) as never }
  const all = await run(['train', 'all', '--data', '.', '--json'], { folder, rooms })
  expect(JSON.parse(all.out)).toEqual(report('degraded', true))
  expect(JSON.parse(all.err)).toMatchObject({ error: { code: 'ERR_TRAIN_TEACHER' } })
  expect(all.code).toBe(1)
})

it('shows a figure with its interval, and takes settings by the model', async () => {
  const asked: object[] = []
  async function* trainModels(_: unknown, options: object): AsyncGenerator<TrainReport, void, undefined> {
    asked.push(options)
    yield report('sequence', true)
  }
  const rooms = { app: async () => ({ trainModels, parseSetting }) as never }
  const words = ['train', 'sequence', '--data', '.', '--set', 'lr=0.01', '--set', 'gated=false']
  const { code, out } = await run(words, { folder, rooms })
  expect(code).toBe(0)
  expect(out).toMatch(/ndcg@10 +│ +0\.2000 +│ 0\.1000 to 0\.3000 +│/)
  expect(asked).toMatchObject([{ settings: { rate: 0.01, gated: false } }])
  const wrong = await run(['train', 'two-tower', '--data', '.', '--set', 'logq=false'], { folder, rooms })
  expect(wrong.code).not.toBe(0)
  expect(wrong.err).toContain('Cannot set logq=false: did you mean "logQ"?')
})
