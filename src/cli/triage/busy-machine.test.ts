import { describe, expect, it } from 'vitest'
import { change, MINUTE, ONSET, slower, type Spoil, START, status, triage, usual } from './testing/hour.ts'

/** Six seconds of ten are waited for a core. */
const busy: Spoil = (metrics) => metrics.processor(4, 6)
const spared: Spoil = (metrics) => {
  usual(metrics)
  busy(metrics)
}
/** ... and so the fine rank is late on a third of the slates, the coarse one on a fifth. */
const late: Spoil = (metrics) => {
  spared(metrics)
  for (let i = 0; i < 33; i++) metrics.stage('home', { stage: 'fine', ms: 10, status: 'late', out: 200 })
  for (let i = 0; i < 20; i++) metrics.stage('home', { stage: 'coarse', ms: 8, status: 'late', out: 200 })
}
const model = change('model', 'bst', { from: '000003', to: '000004' })

describe('a machine that has no core to spare', () => {
  it('is named before the stages that are late for it, and what else runs there is looked for', async () => {
    const { findings, layer, advice } = await triage(late, [])
    expect(findings.map(({ sign, subject }) => [sign, subject])).toEqual([
      ['processor short', 'processor'],
      ['stage fails', 'fine'],
      ['stage fails', 'coarse'],
    ])
    expect(findings[0]).toMatchObject({ since: ONSET, say: expect.stringContaining('waits 60 % of the time') })
    expect(layer).toBe('machine')
    expect(advice).toMatchObject({ action: 'mitigate' })
    expect(advice?.steps[0]).toMatch(/what else runs on that machine/)
    expect(advice?.steps.join()).not.toMatch(/learning.train|server.workers/)
  })

  it('asks for less beside the server where something runs there', async () => {
    const beside = { ...status, learning: { state: 'training', failed: {} }, workers: { wanted: 3 } }
    const { advice } = await triage(late, [], { over: { status: beside as unknown as typeof status } })
    const steps = advice?.steps.join()
    expect(steps).toContain('learning.train to false')
    expect(steps).toContain('server.workers lower')
  })

  it('makes no model guilty that came at that time', async () => {
    const { layer, advice } = await triage(late, [model])
    expect([layer, advice?.action]).toEqual(['machine', 'mitigate'])
  })

  it('excuses neither a model that came when it had long been so, nor what was broken on purpose', async () => {
    let turn = 0
    const first: Spoil = (metrics) => (++turn > 15 ? late(metrics) : spared(metrics))
    const told = await triage(first, [model], { spoilt: 20 })
    expect(told.findings[0]).toMatchObject({ sign: 'processor short', since: ONSET - 15 * MINUTE })
    expect([told.layer, told.advice?.action]).toEqual(['fine', 'roll back'])
    const broken = await triage(late, [change('fault', 'faults', { to: 'ranker-slow' })])
    expect(broken.advice?.steps).toEqual(['sluice faults --off --data /data'])
  })

  it('is no trouble while nothing comes late, and none of a server that is well', async () => {
    expect((await triage(spared, [])).healthy).toBe(true)
    const own: Spoil = (metrics) => {
      slower('fine', 40)(metrics)
      metrics.processor(9, 1)
    }
    expect((await triage(own, [])).findings.map(({ sign }) => sign)).toEqual(['over budget'])
  })

  it('is waited for while the server warms up', async () => {
    const starting = { ...status, uptimeSeconds: 80 }
    const { advice } = await triage(late, [change('start', 'server', { at: START + 59 * MINUTE })], {
      over: { status: starting },
      spoilt: 1,
    })
    expect(advice).toMatchObject({ action: 'wait', because: expect.stringContaining('still warming up') })
  })
})
