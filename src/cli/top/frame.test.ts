import { expect, it } from 'vitest'
import { createMetrics } from '../../foundation/telemetry/index.ts'
import { indexesOf } from './frame.ts'
import { indexOf } from './view.ts'

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
