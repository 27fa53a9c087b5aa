import { expect, it } from 'vitest'
import { createMetrics } from '../../foundation/telemetry/index.ts'
import type { EngineStatus } from '../../app/index.ts'
import { fakeTerminal } from '../testing/terminal.ts'
import { frameOf, indexesOf } from './frame.ts'
import { indexOf, topView } from './view.ts'

it('tells the vector indexes, a line each', async () => {
  const metrics = createMetrics({ process: false })
  expect(indexesOf(await metrics.samples())).toEqual([])
  metrics.index('two-tower', { size: 60_000, bytes: 1e7, astray: 0.0125, version: 4, generation: 2 })
  metrics.indexRecall('two-tower', 'live', 0.9712)
  metrics.indexRecall('two-tower', 'latest', 0.5)
  metrics.index('sequence', { size: 900, bytes: 1e5, astray: 0, version: 1, generation: 0 })
  const frames = indexesOf(await metrics.samples())
  expect(frames[0]).toEqual({
    ...{ source: 'two-tower', version: 4, generation: 2, size: 60_000, astray: 0.0125, recall: 0.9712 },
  })
  expect(frames.map(indexOf)).toEqual([
    'two-tower 4, generation 2: 60,000 vectors, 1.3 % astray, recall 0.9712',
    'sequence 1, exact: 900 vectors',
  ])
})

it('tells what keeps slates from being whole, and nothing of it where they are', async () => {
  const metrics = createMetrics({ process: false })
  const status = { version: '1', ready: true, budgets: {}, models: {} } as unknown as EngineStatus
  const seen = async () => {
    const before = await metrics.samples()
    for (let i = 0; i < 10; i++) {
      metrics.slate('home', 0.01, 'full')
      if (i < 8) metrics.stage('home', { stage: 'retrieve', ms: 1, status: 'ok', out: 9 })
    }
    metrics.stage('home', { stage: 'fine', ms: 1, status: 'skipped', out: 9 })
    return { status, before, at: 0, seconds: 2, where: 'here', now: await metrics.samples() }
  }
  metrics.stage('home', { stage: 'features', ms: 1, status: 'late', out: 9 })
  const troubled = await seen()
  metrics.servedLost(5)
  metrics.processor(1, 1)
  const view = (look: typeof troubled) => topView(fakeTerminal('/'), frameOf(look))
  expect(view(troubled)).toMatch(/shed +20.0 % of the slates/)
  expect(view(troubled)).not.toMatch(/stages that fail|not kept/) // it was late before
  metrics.stage('home', { stage: 'features', ms: 1, status: 'late', out: 9 })
  metrics.stage('home', { stage: 'features', ms: 1, status: 'skipped', out: 9 })
  const worse = { ...troubled, now: await metrics.samples(), status: { ...status, faults: ['served-down'] } }
  expect(view(worse)).toMatch(/injected +served-down, on purpose\n/)
  expect(view(troubled)).not.toContain('injected')
  expect(view(troubled)).not.toContain('waits for a core')
  expect(view(worse)).toMatch(/processor +.*, waits for a core 50 % of the time it has work\n/)
  expect(view(worse)).toMatch(/stages that fail +features 25.0 %\n/)
  expect(view(worse)).toMatch(/not kept +50.0 % of the slates/)
})
