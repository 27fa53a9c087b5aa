import { describe, expect, it } from 'vitest'
import type { Change, EngineStatus } from '../../app/index.ts'
import { createMetrics, type Metrics, type Minute, minuteOf } from '../../foundation/telemetry/index.ts'
import { type Diagnosis, diagnose } from './diagnose.ts'

const START = Date.UTC(2026, 5, 1, 12)
const MINUTE = 60_000
const status = {
  ready: true,
  uptimeSeconds: 86_400,
  models: { bst: '000004' },
  budgets: { home: 100, 'home/retrieve': 15, 'home/fine': 20 },
} as unknown as EngineStatus

/** One minute of a server that is well, measured by its own metrics. */
function usual(metrics: Metrics): void {
  for (let i = 0; i < 100; i++) {
    metrics.slate('home', 0.012, 'full')
    metrics.stage('home', { stage: 'retrieve', ms: 4, status: 'ok', out: 800 })
    metrics.stage('home', { stage: 'fine', ms: 4, status: 'ok', out: 200 })
    metrics.source('sequence', 0.002, 100, 'ok')
    metrics.sourceServed('sequence', 8, 2)
    metrics.sourceServed('popular', 12, 5)
    for (let item = 0; item < 20; item++) metrics.slateEvent('impression', 'home')
    metrics.slateEvent('click', 'home')
    metrics.slateEvent('click', 'home')
    metrics.calibration({ bin: '0.1', impressions: 20, predicted: 2, clicks: 2 })
    metrics.http('/v1/slates', 'POST', 200, 0.012)
    metrics.events('accepted', 2)
  }
  metrics.visible(0.004)
}

/** A trouble: what a minute is like instead. */
type Trouble = (metrics: Metrics) => void

/** Plants a trouble into the last minutes of an hour and lets the triage find it. */
async function triage(
  trouble: Trouble | undefined,
  changes: readonly Change[],
  troubled = 5,
  memoryAt: (turn: number) => number = () => 0,
  standing: Partial<EngineStatus> = {},
): Promise<Diagnosis> {
  const metrics = createMetrics({ process: false })
  const minutes: Minute[] = []
  let before = await metrics.samples()
  for (let turn = 1; turn <= 60; turn++) {
    if (trouble && turn > 60 - troubled) trouble(metrics)
    else usual(metrics)
    const now = await metrics.samples()
    minutes.push({ ...minuteOf(START + turn * MINUTE, now, before), memory: memoryAt(turn) })
    before = now
  }
  const now = minutes.pop() as Minute
  return diagnose({
    at: START + 60 * MINUTE,
    status: { ...status, ...standing },
    observations: { changes, minutes },
    now,
    spanMs: MINUTE,
    data: '/data',
  })
}

/** The moment at which the trouble of the last five minutes begins. */
const ONSET = START + 55 * MINUTE
const change = (kind: Change['kind'], subject: string, more: Partial<Change> = {}): Change => ({
  at: ONSET - MINUTE / 2,
  kind,
  subject,
  say: `${kind} ${subject} changed`,
  ...more,
})

/** As usual, but for what is changed in each slate. */
const slower =
  (stage: string, ms: number): Trouble =>
  (metrics) => {
    usual(metrics)
    for (let i = 0; i < 100; i++) metrics.stage('home', { stage, ms, status: 'ok', out: 200 })
  }

describe('triage', () => {
  it('names a disk that takes nothing before the errors that come of it, and the way out', async () => {
    const why = 'ENOSPC: no space left on device, write'
    const refusing: Trouble = (metrics) => {
      usual(metrics)
      for (let i = 0; i < 50; i++) metrics.http('/v1/events', 'POST', 503, 0.002)
    }
    const changes = [change('start', 'server', { at: ONSET })]
    const told = await triage(refusing, changes, 5, undefined, { unwritten: { since: ONSET, why } })
    expect(told.findings.map(({ sign }) => sign)).toEqual(['disk full', 'errors'])
    expect(told.findings[0]).toMatchObject({ since: ONSET, suspects: [] })
    expect(told.advice).toMatchObject({ action: 'mitigate', because: expect.stringContaining(why) })
    expect(told.advice?.steps[0]).toBe('df -h /data   # which disk, and how full')
  })

  it('finds nothing wrong with a server that is well, and tells what changed all the same', async () => {
    const { healthy, findings, changes, advice } = await triage(undefined, [
      change('model', 'bst', { at: START - 25 * 60 * MINUTE }),
      change('model', 'bst'),
    ])
    expect([healthy, findings, advice]).toEqual([true, [], undefined])
    expect(changes).toHaveLength(1) // the other one is more than a day old
  })

  it('rolls back a model that made its layer slow', async () => {
    const { findings, advice } = await triage(slower('fine', 40), [
      change('start', 'server', { at: START - 100 * MINUTE }),
      change('model', 'bst', { from: '000003', to: '000004' }),
    ])
    expect(findings[0]).toMatchObject({ sign: 'over budget', subject: 'home/fine', since: ONSET })
    expect(findings[0]?.suspects.map(({ subject }) => subject)).toEqual(['bst'])
    expect(advice?.action).toBe('roll back')
    expect(advice?.steps).toEqual(['sluice models rollback bst --data /data --why "triage: over budget home/fine"'])
    expect(advice?.because).toMatch(/home\/fine takes .* its budget is 20 ms, since 12:55 UTC; at 12:54 UTC model bst/)
  })

  it('sees workers that end again and again, and takes the fault away that ends them', async () => {
    const dying: Trouble = (metrics) => {
      usual(metrics)
      metrics.workers(2, 0)
      for (let i = 0; i < 4; i++) metrics.workerRestart(String(i % 2))
    }
    const { findings } = await triage(dying, [])
    expect(findings.map(({ sign, value, since }) => [sign, value, since])).toEqual([
      ['workers end', 4, ONSET],
      ['workers missing', 2, ONSET],
    ])
    const { advice } = await triage(dying, [change('fault', 'faults', { to: 'worker-killed' })])
    expect(advice).toMatchObject({ action: 'roll back', steps: ['sluice faults --off --data /data'] })
  })

  it('rolls back the model, not its index, when both are of another version', async () => {
    const dry: Trouble = (metrics) => {
      usual(metrics)
      metrics.sourceServed('popular', 12_000, 0)
    }
    const { advice } = await triage(dry, [
      change('index', 'two-tower index', { from: '000001@ivf-1', to: '000002@ivf-1' }),
      change('model', 'two-tower', { from: '000001', to: '000002' }),
    ])
    expect(advice?.steps[0]).toMatch(/^sluice models rollback two-tower/)
  })

  it('puts an option back', async () => {
    const { advice } = await triage(slower('retrieve', 30), [
      change('start', 'server'),
      change('configuration', 'others', { at: ONSET, from: 'aaa', to: 'bbb' }), // nearer, but nobody can set that back
      change('configuration', 'surfaces.home.retrieve', { from: '1000', to: '8000' }),
    ])
    expect(advice?.action).toBe('roll back')
    expect(advice?.steps[0]).toBe('set surfaces.home.retrieve back to 1000 in the configuration')
  })

  it('rolls back an index behind which a source dried up', async () => {
    const dry: Trouble = (metrics) => {
      usual(metrics)
      metrics.sourceServed('popular', 12_000, 0) // sequence still brings its 800: a twentieth now
    }
    const { findings, advice } = await triage(dry, [
      change('index', 'two-tower index', { from: '000004@ivf-1', to: '000004@ivf-2' }),
    ])
    expect(findings.map(({ sign, subject }) => [sign, subject])).toEqual([['source dried up', 'sequence']])
    expect(advice?.steps).toEqual([
      'sluice index rollback two-tower --data /data --why "triage: source dried up sequence"',
    ])
  })

  it('goes back to the version of the program before which there were no errors', async () => {
    const failing: Trouble = (metrics) => {
      usual(metrics)
      for (let i = 0; i < 5; i++) metrics.http('/v1/slates', 'POST', 500, 0.1)
    }
    const { findings, advice } = await triage(failing, [change('version', 'sluice', { from: '0.1.0', to: '0.2.0' })])
    expect(findings[0]?.say).toMatch(/4.8 % of all answers are errors/)
    expect(advice?.steps[0]).toBe('install Sluice 0.1.0 again')
  })

  it('sees memory that grows from when a setting was changed, and sets it back; saw teeth are none', async () => {
    // 1 GB with teeth of 100 MB; in the last five minutes 150 MB a minute more.
    const teeth = (turn: number) => 1e9 + (turn % 4) * 25e6
    const grows = (turn: number) => teeth(turn) + Math.max(0, turn - 54) * 150e6
    const planted = change('configuration', 'ranking.scoreCache.entries', { from: '256', to: '100000' })
    const { findings, advice } = await triage(usual, [planted], 5, grows)
    expect(findings.map(({ sign, say }) => [sign, say])).toEqual([
      ['memory grows', expect.stringMatching(/^the process holds 1900 MB/)],
    ])
    expect(findings[0]?.suspects).toEqual([planted])
    expect(advice).toMatchObject({ action: 'roll back' })
    expect(advice?.steps[0]).toBe('set ranking.scoreCache.entries back to 256 in the configuration')
    expect((await triage(usual, [planted], 5, teeth)).healthy).toBe(true)
    const unexplained = await triage(usual, [], 5, grows)
    expect(unexplained.advice).toMatchObject({
      action: 'mitigate',
      because: expect.stringContaining('nothing that could'),
    })
  })

  it('sees a model that viewers click less on, and one that promises too much', async () => {
    const worse: Trouble = (metrics) => {
      for (let i = 0; i < 100; i++) {
        metrics.slate('home', 0.012, 'full')
        metrics.sourceServed('sequence', 8, 2)
        metrics.sourceServed('popular', 12, 5)
        for (let item = 0; item < 20; item++) metrics.slateEvent('impression', 'home')
        metrics.slateEvent('click', 'home')
        metrics.calibration({ bin: '0.1', impressions: 20, predicted: 2, clicks: 1 })
      }
    }
    const { findings, advice } = await triage(worse, [change('model', 'bst', { from: '000003', to: '000004' })])
    expect(findings.map(({ sign }) => sign)).toEqual(['clicks fall', 'uncalibrated'])
    expect(advice?.action).toBe('roll back')
  })

  it.each<[string, Trouble, string, RegExp]>([
    ['a layer', slower('fine', 40), 'over budget', /surfaces.home.rank: 120/],
    ['retrieval', slower('retrieve', 40), 'over budget', /portfolio/],
    ['a layer within its budget', slower('fine', 19), 'slower', /surfaces.home.rank: 120/],
    [
      'a source',
      (metrics) => {
        usual(metrics)
        for (let i = 0; i < 20; i++) metrics.source('covisit', 0.02, 0, 'late')
      },
      'source fails',
      /take covisit out/,
    ],
    [
      'a rung',
      (metrics) => {
        for (let i = 0; i < 100; i++) metrics.slate('home', 0.01, i % 10 === 0 ? 'partial' : 'full')
        metrics.sourceServed('sequence', 800, 2)
        metrics.sourceServed('popular', 1200, 5)
      },
      'degraded',
      /rung partial/,
    ],
    [
      'events',
      (metrics) => {
        usual(metrics)
        metrics.events('rejected', 100)
      },
      'events rejected',
      /codes/,
    ],
    [
      'the disk',
      (metrics) => {
        usual(metrics)
        for (let i = 0; i < 10; i++) metrics.visible(4)
      },
      'event late',
      /disk/,
    ],
    [
      'drift of features',
      (metrics) => {
        usual(metrics)
        metrics.featureDrift('item.age', 'day', 0.6)
      },
      'features drift',
      /item.age/,
    ],
    [
      'drift of scores',
      (metrics) => {
        usual(metrics)
        metrics.scoreDrift(0.6)
      },
      'scores drift',
      /sluice train all/,
    ],
  ])('mitigates trouble with %s that no change explains', async (_, trouble, sign, step) => {
    const unrelated = change('model', 'bst', { at: START + 5 * MINUTE, from: '000003', to: '000004' })
    const { findings, advice } = await triage(trouble, [unrelated])
    expect(findings[0]).toMatchObject({ sign, since: ONSET, suspects: [] })
    expect(advice?.action).toBe('mitigate')
    expect(advice?.because).toContain('nothing that could explain it changed')
    expect(advice?.steps.join('\n')).toMatch(step)
    for (const command of advice?.steps.filter((line) => /^sluice (?!plan)/.test(line)) ?? [])
      expect(command).toMatch(/^sluice [^#]* --data \/data/)
  })

  it('ends faults that were injected on purpose, and does not take them for a cold start', async () => {
    const poor: Trouble = (metrics) => {
      for (let i = 0; i < 100; i++) metrics.slate('home', 0.01, 'degraded')
      metrics.sourceServed('sequence', 800, 2)
      metrics.sourceServed('popular', 1200, 5)
    }
    const injected = [change('start', 'server'), change('fault', 'faults', { to: 'ranker-down' })]
    const { findings, advice } = await triage(poor, injected)
    expect(findings[0]).toMatchObject({ sign: 'degraded', subject: 'degraded' })
    expect(advice).toMatchObject({ action: 'roll back', steps: ['sluice faults --off --data /data'] })
    expect((await triage(poor, [change('start', 'server')])).advice?.action).toBe('mitigate')
  })

  it('waits for a server that has just started, and does not roll back what has no before', async () => {
    const diagnosis = await triage(slower('fine', 40), [change('start', 'server')])
    const young = diagnose({
      at: START + 60 * MINUTE,
      status: { ...status, uptimeSeconds: 120 },
      observations: { changes: [change('start', 'server', { at: START + 58 * MINUTE })], minutes: [] },
      now: minuteOf(START + 60 * MINUTE, await troubled(), undefined),
      spanMs: MINUTE,
      data: undefined,
    })
    expect(diagnosis.advice?.action).toBe('mitigate') // it started long ago
    expect(young.advice?.action).toBe('wait')
    const first = await triage(slower('fine', 40), [change('model', 'bst', { to: '000001' })])
    expect(first.advice?.action).toBe('mitigate')
  })

  it('prefers the finding that a change explains', async () => {
    const both: Trouble = (metrics) => {
      slower('fine', 40)(metrics)
      metrics.http('/v1/slates', 'POST', 503, 0.1) // one error in a hundred, the client's impatience
    }
    const { findings, advice } = await triage(both, [
      change('model', 'bst', { at: ONSET - 30 * MINUTE, from: '000002', to: '000003' }),
      change('model', 'bst', { from: '000003', to: '000004' }),
    ])
    expect(findings[0]?.sign).toBe('errors')
    expect(advice?.steps[0]).toContain('models rollback bst')
  })
})

async function troubled() {
  const metrics = createMetrics({ process: false })
  slower('fine', 40)(metrics)
  return metrics.samples()
}
