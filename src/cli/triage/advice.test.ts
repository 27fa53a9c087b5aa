import { describe, expect, it } from 'vitest'
import { createMetrics, minuteOf } from '../../foundation/telemetry/index.ts'
import { change, fromRung, MINUTE, ONSET, slower, type Spoil, START, status, triage, usual } from './testing/hour.ts'

const why = (what: string) => `--why "triage: ${what}"`
const failing: Spoil = (metrics) => {
  usual(metrics)
  for (let i = 0; i < 5; i++) metrics.http('/v1/slates', 'POST', 500, 0.1)
}

describe('advice', () => {
  it('rolls back a model that made its layer slow', async () => {
    const { findings, advice } = await triage(slower('fine', 40), [
      change('start', 'server', { at: START - 100 * MINUTE }),
      change('model', 'bst', { from: '000003', to: '000004' }),
    ])
    expect(findings[0]).toMatchObject({ sign: 'over budget', subject: 'home/fine', since: ONSET })
    expect(advice?.action).toBe('roll back')
    expect(advice?.steps).toEqual([`sluice models rollback bst ${why('over budget home/fine')} --data /data`])
    expect(advice?.because).toMatch(/home\/fine takes .* its budget is 20 ms, since 12:55 UTC; at 12:54 UTC model bst/)
  })

  it('goes to the version before a model, not to the one before the last, when more came since', async () => {
    const { advice } = await triage(slower('fine', 40), [
      change('model', 'bst', { from: '000002', to: '000003' }),
      change('model', 'bst', { at: ONSET + 4 * MINUTE, from: '000003', to: '000004' }),
    ])
    expect(advice?.steps).toEqual(['sluice models promote bst 000002 --data /data'])
  })

  it('goes to what was left when a rollback did harm', async () => {
    const { advice } = await triage(slower('fine', 40), [
      change('model', 'bst', { at: ONSET - 20 * MINUTE, from: '000004', to: '000005' }),
      change('model', 'bst', { from: '000005', to: '000004' }),
    ])
    expect(advice?.steps).toEqual(['sluice models promote bst 000005 --data /data'])
  })

  it('rolls back the model, not its index, when both are of another version', async () => {
    const { advice } = await triage(dry, [
      change('index', 'two-tower index', { from: '000001@ivf-1', to: '000002@ivf-1' }),
      change('model', 'two-tower', { from: '000001', to: '000002' }),
    ])
    expect(advice?.steps[0]).toMatch(/^sluice models rollback two-tower/)
  })

  it('rolls back an index behind which a source dried up', async () => {
    const { findings, advice } = await triage(dry, [
      change('index', 'two-tower index', { from: '000004@ivf-1', to: '000004@ivf-2' }),
    ])
    expect(findings.map(({ sign, subject }) => [sign, subject])).toEqual([['source dried up', 'sequence']])
    expect(advice?.steps).toEqual([`sluice index rollback two-tower ${why('source dried up sequence')} --data /data`])
  })

  it('puts an option back', async () => {
    const { advice } = await triage(slower('retrieve', 30), [
      change('start', 'server'),
      change('configuration', 'others', { at: ONSET, from: 'aaa', to: 'bbb' }), // nearer, but nobody can set that back
      change('configuration', 'surfaces.home.retrieve', { from: '1000', to: '8000' }),
    ])
    expect(advice?.action).toBe('roll back')
    expect(advice?.steps[0]).toBe('set surfaces.home.retrieve back to 1000 in the configuration')
    expect(advice?.steps[1]).toMatch(/^restart the server: .*sluice up --data \/data/)
  })

  it('puts the option back from which on memory grew', async () => {
    const planted = change('configuration', 'ranking.scoreCache.entries', { from: '256', to: '100000' })
    const memoryAt = (turn: number) => 1e9 + Math.max(0, turn - 54) * 150e6
    const { findings, advice } = await triage(usual, [planted], { memoryAt })
    expect(findings[0]?.suspects).toEqual([planted])
    expect(advice?.steps[0]).toBe('set ranking.scoreCache.entries back to 256 in the configuration')
    const unexplained = await triage(usual, [], { memoryAt })
    expect(unexplained.advice).toMatchObject({
      action: 'mitigate',
      because: expect.stringContaining('nothing that could'),
    })
  })

  it('goes back to the version of the program before which there were no errors', async () => {
    const { findings, advice } = await triage(failing, [change('version', 'sluice', { from: '0.1.0', to: '0.2.0' })])
    expect(findings[0]?.say).toMatch(/4.8 % of all answers are errors of the server, to POST \/v1\/slates/)
    expect(advice?.steps[0]).toBe('install Sluice 0.1.0 again')
  })

  it('ends faults that were injected on purpose, and does not take them for a cold start', async () => {
    const injected = [change('start', 'server'), change('fault', 'faults', { to: 'ranker-down' })]
    const { findings, advice } = await triage(fromRung('degraded'), injected)
    expect(findings[0]).toMatchObject({ sign: 'degraded', subject: 'degraded' })
    expect(advice).toMatchObject({ action: 'roll back', steps: ['sluice faults --off --data /data'] })
    expect((await triage(fromRung('degraded'), [change('start', 'server')])).advice?.action).toBe('mitigate')
    const dying: Spoil = (metrics) => {
      usual(metrics)
      metrics.workers(2, 0)
    }
    const killed = await triage(dying, [change('fault', 'faults', { to: 'worker-killed' })])
    expect(killed.advice).toMatchObject({ action: 'roll back', steps: ['sluice faults --off --data /data'] })
  })

  it('waits for parts to be tried again when what was injected has just ended', async () => {
    const injected = change('fault', 'faults', { at: ONSET, to: 'ranker-down' })
    const ended = (minutes: number) => change('fault', 'faults', { at: ONSET + minutes * MINUTE, from: 'ranker-down' })
    expect((await triage(fromRung('degraded'), [injected, ended(4.9)])).advice?.action).toBe('wait')
    expect((await triage(fromRung('degraded'), [injected, ended(4)])).advice?.action).toBe('mitigate')
    const without: Spoil = (metrics) => {
      usual(metrics)
      metrics.workers(2, 1)
    }
    const changes = [change('configuration', 'server.workers', { from: '0', to: '2' }), injected, ended(4.5)]
    expect((await triage(without, changes)).advice?.action).toBe('wait')
    const since = change('model', 'bst', { at: ONSET + 4.8 * MINUTE, from: '000003', to: '000004' })
    const told = await triage(fromRung('degraded'), [injected, ended(4.5), since], { spoilt: 1 })
    expect(told.advice?.action).toBe('roll back') // what came after its end is no trace of it
  })

  it('waits for a server that has just started, and does not roll back what has no before', async () => {
    const started = [change('start', 'server')]
    expect((await triage(slower('fine', 40), started)).advice?.action).toBe('mitigate') // it started long ago
    const metrics = createMetrics({ process: false })
    slower('fine', 40)(metrics)
    const young = await triage(undefined, [], {
      over: {
        status: { ...status, uptimeSeconds: 120 },
        observations: {
          changes: [change('start', 'server', { at: START + 58 * MINUTE })],
          ...{ minutes: [], troubles: [] },
        },
        now: minuteOf(START + 60 * MINUTE, await metrics.samples(), undefined),
        place: { url: 'http://there:1', data: undefined },
      },
    })
    expect(young.advice).toMatchObject({
      action: 'wait',
      steps: expect.arrayContaining(['sluice triage --url http://there:1   # again in five minutes']),
    })
    const first = await triage(slower('fine', 40), [change('model', 'bst', { to: '000001' })])
    expect(first.advice?.action).toBe('mitigate')
  })

  it('is about the finding that a change explains', async () => {
    const both: Spoil = (metrics) => {
      slower('fine', 40)(metrics)
      metrics.http('/v1/slates', 'POST', 503, 0.1) // one error in a hundred, the client's impatience
    }
    const { findings, advice, layer } = await triage(both, [
      change('model', 'bst', { at: ONSET - 30 * MINUTE, from: '000002', to: '000003' }),
      change('model', 'bst', { from: '000003', to: '000004' }),
    ])
    expect(findings[0]?.sign).toBe('errors')
    expect(advice?.steps[0]).toContain('models rollback bst')
    expect(layer).toBe('fine')
  })

  it('names a slate on which it was seen, to be taken apart', async () => {
    const troubles = [{ part: 'rung partial', at: ONSET + 4.5 * MINUTE, slate: 's7' }]
    const { advice } = await triage(fromRung('partial', 10), [], { troubles })
    expect(advice?.steps[0]).toMatch(/^sluice explain s7 --data \/data {3}#/)
  })
})

/** A minute in which `sequence` still brings its 800: a twentieth now. */
function dry(metrics: Parameters<Spoil>[0]): void {
  usual(metrics)
  metrics.sourceServed('popular', 12_000, 0)
}
