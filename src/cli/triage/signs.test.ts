import { describe, expect, it } from 'vitest'
import type { Layer } from './layers.ts'
import { change, fromRung, MINUTE, ONSET, slower, type Spoil, START, status, triage, usual } from './testing/hour.ts'

describe('signs', () => {
  it('are none of a server that is well, and what changed is told all the same', async () => {
    const { healthy, findings, changes, advice, layer } = await triage(undefined, [
      change('model', 'bst', { at: START - 25 * 60 * MINUTE }),
      change('model', 'bst'),
    ])
    expect([healthy, findings, advice, layer]).toEqual([true, [], undefined, undefined])
    expect(changes).toHaveLength(1) // the other one is more than a day old
  })

  it('name a disk that takes nothing before the errors that come of it, and the way out', async () => {
    const why = 'ENOSPC: no space left on device, write'
    const refusing: Spoil = (metrics) => {
      usual(metrics)
      for (let i = 0; i < 50; i++) metrics.http('/v1/events', 'POST', 503, 0.002)
    }
    const changes = [change('start', 'server', { at: ONSET })]
    const over = { status: { ...status, unwritten: { since: ONSET, why } } }
    const told = await triage(refusing, changes, { over })
    expect(told.findings.map(({ sign }) => sign)).toEqual(['disk full', 'errors'])
    expect(told.findings[0]).toMatchObject({ since: ONSET, suspects: [], layer: 'event log' })
    expect(told.advice).toMatchObject({ action: 'mitigate', because: expect.stringContaining(why) })
    expect(told.advice?.steps[0]).toMatch(/^df -h \/data/)
  })

  it('see workers that end again and again', async () => {
    const dying: Spoil = (metrics) => {
      usual(metrics)
      metrics.workers(2, 0)
      for (let i = 0; i < 4; i++) metrics.workerRestart(String(i % 2))
    }
    const { findings, layer } = await triage(dying, [])
    expect(findings.map(({ sign, value, since }) => [sign, value, since])).toEqual([
      ['workers end', 4, ONSET],
      ['workers missing', 2, ONSET],
    ])
    expect(layer).toBe('workers')
  })

  it('see memory that grows from when a setting was changed; saw teeth are none', async () => {
    // 1 GB with teeth of 100 MB; in the last five minutes 150 MB a minute more.
    const teeth = (turn: number) => 1e9 + (turn % 4) * 25e6
    const grows = (turn: number) => teeth(turn) + Math.max(0, turn - 54) * 150e6
    const { findings } = await triage(usual, [], { memoryAt: grows })
    expect(findings.map(({ sign, say }) => [sign, say])).toEqual([
      ['memory grows', expect.stringMatching(/^the process holds 1900 MB/)],
    ])
    expect((await triage(usual, [], { memoryAt: teeth })).healthy).toBe(true)
  })

  it('see a model that viewers click less on, and one that promises too much', async () => {
    const worse: Spoil = (metrics) => {
      for (let i = 0; i < 100; i++) {
        metrics.slate('home', 0.012, 'full')
        metrics.stage('home', { stage: 'retrieve', ms: 4, status: 'ok', out: 800 })
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

  it('take the percentile that ten slates lie above: one slow slate in a few is no sign', async () => {
    const one: Spoil = (metrics) => {
      usual(metrics)
      for (let i = 0; i < 9; i++) {
        metrics.slate('home', 0.9, 'full') // 9 of 109
        metrics.stage('home', { stage: 'retrieve', ms: 4, status: 'ok', out: 800 })
      }
    }
    expect((await triage(one, [])).findings).toEqual([])
    const many: Spoil = (metrics) => {
      for (let round = 0; round < 10; round++) one(metrics) // 90 of 1090
    }
    expect((await triage(many, [])).findings.map(({ say }) => say)).toEqual([
      expect.stringMatching(/^home takes .* at its 99th percentile, its budget is 100 ms$/),
    ])
  })

  it('tell requests that are more from requests that cost more', async () => {
    const shed =
      (made: number): Spoil =>
      (metrics) => {
        for (let i = 0; i < made / 100; i++) usual(metrics)
        for (let i = 0; i < 50; i++) metrics.slate('home', 0.001, 'cached')
      }
    expect((await triage(shed(100), [])).findings[0]?.say).toBe(
      '33 % of the slates are shed, for they waited too long; 2.5 a second are asked for, usual are 1.7: more traffic',
    )
    expect((await triage(shed(100), [], { spoilt: 1 })).findings[0]).toMatchObject({ sign: 'shed', layer: 'queue' })
    const costly: Spoil = (metrics) => {
      for (let i = 0; i < 60; i++) metrics.slate('home', 0.001, 'cached')
      for (let i = 0; i < 40; i++) metrics.stage('home', { stage: 'retrieve', ms: 4, status: 'ok', out: 800 })
      for (let i = 0; i < 40; i++) metrics.slate('home', 0.09, 'full')
    }
    expect((await triage(costly, [])).findings[0]?.say).toMatch(/1.7 a second are asked for, usual are 1.7$/)
  })

  it('put what fails before what follows from it', async () => {
    const down: Spoil = (metrics) => {
      fromRung('coarse')(metrics)
      for (let i = 0; i < 100; i++) {
        metrics.stage('home', { stage: 'features', ms: 0, status: i < 5 ? 'failed' : 'skipped', out: 200 }) // a breaker
        metrics.stage('home', { stage: 'fine', ms: 0, status: 'skipped', out: 200 })
      }
    }
    const { findings, layer } = await triage(down, [], {
      troubles: [
        { part: 'stage features', at: ONSET + 4.5 * MINUTE, why: 'connect ECONNREFUSED', slate: 's1' },
        { part: 'stage fine', at: ONSET, why: 'long ago', slate: 's0' },
      ],
    })
    expect(findings.map(({ sign, subject, value, layer: where }) => [sign, subject, value, where])).toEqual([
      ['stage fails', 'features', 1, 'features'],
      ['degraded', 'coarse', 1, 'features'],
    ])
    expect(findings.map(({ latest }) => latest?.why)).toEqual(['connect ECONNREFUSED', undefined])
    expect(layer).toBe('features')
  })

  it('see what was left alone throughout a short look, because it had failed just before', async () => {
    const skipped: Spoil = (metrics) => {
      fromRung('degraded')(metrics)
      for (let i = 0; i < 100; i++) metrics.stage('home', { stage: 'fine', ms: 0, status: 'skipped', out: 200 })
      for (let i = 0; i < 60; i++) metrics.stage('home', { stage: 'simple', ms: 9, status: 'late', out: 200 })
    }
    const failedAgo = (ms: number) => [{ part: 'stage fine', at: ONSET + 4 * MINUTE - ms, why: 'no answer in time' }]
    const layers = async (ms: number) =>
      (await triage(skipped, [], { troubles: failedAgo(ms) })).findings.map(({ subject }) => subject)
    expect(await layers(3000)).toEqual(['fine', 'simple', 'degraded'])
    expect(await layers(30_000)).toEqual(['simple', 'degraded'])
  })

  it('name sources that fail at once by what they share', async () => {
    const failing =
      (...names: string[]): Spoil =>
      (metrics) => {
        usual(metrics)
        for (const name of ['slim', 'covisit', 'popular', 'sequence'])
          for (let i = 0; i < 100; i++) metrics.source(name, 0.001, 0, names.includes(name) ? 'failed' : 'ok')
      }
    const say = async (...names: string[]) => (await triage(failing(...names), [])).findings[0]?.say
    expect(await say('popular')).toBe('source popular is late, fails or is skipped 100 % of the times')
    expect(await say('slim', 'popular')).toBe(
      'sources slim and popular are late, fail or are skipped, up to 100 % of the times',
    )
    expect(await say('slim', 'covisit')).toBe(
      'sources that answer from an index (slim and covisit) are late, fail or are skipped, up to 100 % of the times',
    )
    expect(await say('slim', 'covisit', 'popular', 'sequence')).toMatch(/^every source is late, fails or is skipped/)
  })

  it.each<[string, Spoil, string, Layer, RegExp]>([
    ['a layer', slower('fine', 40), 'over budget', 'fine', /surfaces.home.rank: 120/],
    ['retrieval', slower('retrieve', 40), 'over budget', 'retrieval', /portfolio/],
    ['a layer within its budget', slower('fine', 19), 'slower', 'fine', /surfaces.home.rank: 120/],
    [
      'a source',
      (metrics) => {
        usual(metrics)
        for (let i = 0; i < 20; i++) metrics.source('covisit', 0.02, 0, 'late')
      },
      'source fails',
      'retrieval',
      /take covisit out/,
    ],
    ['a rung', fromRung('partial', 10), 'degraded', 'slate', /^$/],
    ['old features', fromRung('stale', 10), 'degraded', 'features', /features.store/],
    [
      'errors',
      (metrics) => {
        usual(metrics)
        for (let i = 0; i < 5; i++) metrics.http('/v1/slates', 'POST', 500, 0.1)
      },
      'errors',
      'interface',
      /log lines/,
    ],
    [
      'events that cannot be kept',
      (metrics) => {
        usual(metrics)
        for (let i = 0; i < 5; i++) metrics.http('/v1/events', 'POST', 503, 0.1)
      },
      'errors',
      'event log',
      /df -h \/data/,
    ],
    [
      'slates that cannot be kept',
      (metrics) => {
        usual(metrics)
        metrics.servedLost(50)
      },
      'slates not kept',
      'served log',
      /df -h \/data/,
    ],
    [
      'events',
      (metrics) => {
        usual(metrics)
        metrics.events('rejected', 100)
      },
      'events rejected',
      'interface',
      /codes/,
    ],
    [
      'the disk',
      (metrics) => {
        usual(metrics)
        for (let i = 0; i < 10; i++) metrics.visible(4)
      },
      'event late',
      'event log',
      /disk/,
    ],
    [
      'drift of features',
      (metrics) => {
        usual(metrics)
        metrics.featureDrift('item.age', 'day', 0.6)
      },
      'features drift',
      'shown',
      /item.age/,
    ],
    [
      'drift of scores',
      (metrics) => {
        usual(metrics)
        metrics.scoreDrift(0.6)
      },
      'scores drift',
      'shown',
      /sluice train all/,
    ],
  ])('of %s that no change explains: it is mitigated', async (_, spoil, sign, layer, step) => {
    const unrelated = change('model', 'bst', { at: START + 5 * MINUTE, from: '000003', to: '000004' })
    const { findings, advice } = await triage(spoil, [unrelated])
    expect(findings[0]).toMatchObject({ sign, layer, since: ONSET, suspects: [] })
    expect(advice?.action).toBe('mitigate')
    expect(advice?.because).toContain('nothing that could explain it changed')
    expect(advice?.steps.join('\n')).toMatch(step)
    for (const command of advice?.steps.filter((line) => /^sluice (?!plan)/.test(line)) ?? [])
      expect(command).toMatch(/^sluice [^#]* --data \/data/)
  })
})
