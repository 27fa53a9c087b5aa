import { describe, expect, it } from 'vitest'
import { createMetrics } from './metrics.ts'
import { minuteOf } from './minute.ts'

describe('a minute', () => {
  it('holds what happened between two readings and nothing from before', async () => {
    const metrics = createMetrics({ process: false })
    const slate = (ms: number, rung: string) => {
      metrics.slate('home', ms / 1000, rung)
      metrics.stage('home', { stage: 'retrieve', ms: 0.1, status: 'ok', out: 200 })
      metrics.stage('home', { stage: 'fine', ms: ms / 2, status: 'ok', out: 200 })
    }
    for (let i = 0; i < 50; i++) slate(900, 'partial')
    metrics.http('/v1/events', 'POST', 503, 0.01)
    metrics.servedLost(9)
    metrics.processor(100, 300)
    metrics.events('rejected', 100)
    const before = await metrics.samples()
    for (let i = 0; i < 98; i++) slate(4, 'full')
    for (let i = 0; i < 2; i++) slate(80, 'partial')
    for (let i = 0; i < 10; i++) metrics.slate('home', 0.004, 'cached') // shed: no stage was run
    metrics.source('covisit', 0.1, 0, 'failed')
    for (let i = 0; i < 3; i++) metrics.source('covisit', 0.1, 0, 'ok')
    metrics.source('popular', 0.1, 0, 'ok')
    for (const status of ['failed', 'late', 'skipped', 'skipped'])
      metrics.stage('home', { stage: 'features', ms: 0.1, status, out: 200 })
    metrics.servedLost(11)
    metrics.processor(2, 3)
    metrics.sourceServed('popular', 30, 10)
    metrics.sourceServed('covisit', 10, 0)
    metrics.events('accepted', 75)
    metrics.events('rejected', 25)
    for (let i = 0; i < 10; i++) metrics.slateEvent('impression', 'home')
    metrics.slateEvent('click', 'home')
    metrics.calibration({ bin: '0.1', impressions: 10, predicted: 0.8, clicks: 1 })
    metrics.http('/v1/slates', 'POST', 200, 0.01)
    metrics.http('/v1/slates', 'POST', 503, 0.01)
    metrics.featureDrift('item.ctr', 'day', 0.3)
    metrics.featureDrift('item.age', 'day', 0.1)
    metrics.featureDrift('item.age', 'training', 3)
    const minute = minuteOf(60_000, await metrics.samples(), before)
    expect(minute).toMatchObject({
      at: 60_000,
      seconds: 60,
      slates: 110,
      timed: { home: 110, 'home/retrieve': 100, 'home/fine': 100, 'home/features': 4 },
      rungs: { full: 98 / 110, partial: 2 / 110, cached: 10 / 110 },
      shed: 10 / 110,
      stageFaults: { features: 0.04 },
      stageFailures: { features: 0.02 },
      sourceFaults: { covisit: 0.25, popular: 0 },
      sourceShares: { popular: 0.75, covisit: 0.25 },
      errors: 0.5,
      errorsBy: { 'POST /v1/slates': 0.5 },
      servedLost: 0.1,
      events: 100,
      rejected: 0.25,
      ctr: 0.1,
      calibration: 1.25,
      drift: { feature: 'item.ctr', psi: 0.3 },
      processorWait: 0.6,
    })
    expect(minute.p50['home']).toBeCloseTo(2.5 + (2.5 * 55) / 108, 9) // 108 in the bucket of 2.5 to 5 ms
    expect(minute.p99['home']).toBeCloseTo(75 + (25 * 0.9) / 2, 9) // 0.9 of two in the bucket of 75 to 100 ms
    expect(minute.p99['home/fine']).toBeLessThan(50)
    expect(minute).not.toHaveProperty('scoreDrift')
    metrics.processor(0.01, 0.03)
    expect(minuteOf(60_000, await metrics.samples(), before)).toHaveProperty('processorWait')
    const after = await metrics.samples()
    expect(minuteOf(60_000, after, after)).not.toHaveProperty('processorWait') // nothing was done, so nothing waited
  })
})
