import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { SERIES_MAX } from './instruments.ts'
import { createLog } from './log.ts'
import { parseSamples } from './exposition.ts'
import { createMetrics } from './metrics.ts'
import { metricTable } from './table.ts'

describe('metrics', () => {
  it('have these names: dashboards hold on to them, so a change here is a breaking change', () => {
    const golden = Object.entries(metricTable).map(([name, { type, labels }]) => `${name}{${labels}} ${type}`)
    expect(golden).toMatchInlineSnapshot(`
      [
        "sluice_slate_duration_seconds{surface} histogram",
        "sluice_rung_total{rung,surface} counter",
        "sluice_stage_duration_seconds{stage,surface} histogram",
        "sluice_stage_faults_total{stage,status} counter",
        "sluice_stage_candidates_total{stage,surface} counter",
        "sluice_served_lost_total{} counter",
        "sluice_source_duration_seconds{source} histogram",
        "sluice_source_candidates_total{source} counter",
        "sluice_source_faults_total{source,status} counter",
        "sluice_source_served_total{source} counter",
        "sluice_source_alone_total{source} counter",
        "sluice_source_clicked_total{source} counter",
        "sluice_score_cache_total{result} counter",
        "sluice_removals_total{reason} counter",
        "sluice_events_total{result} counter",
        "sluice_slate_events_total{kind,surface} counter",
        "sluice_event_visible_seconds{} histogram",
        "sluice_event_age_seconds{} histogram",
        "sluice_slate_diversity{surface} gauge",
        "sluice_creator_gini{} gauge",
        "sluice_feature_drift_psi{feature,against} gauge",
        "sluice_score_drift_psi{} gauge",
        "sluice_calibration_impressions_total{bin} counter",
        "sluice_calibration_predicted_total{bin} counter",
        "sluice_calibration_clicks_total{bin} counter",
        "sluice_model_version{model} gauge",
        "sluice_index_size{source} gauge",
        "sluice_index_bytes{source} gauge",
        "sluice_index_astray{source} gauge",
        "sluice_index_version{source} gauge",
        "sluice_index_generation{source} gauge",
        "sluice_index_recall{source,which} gauge",
        "sluice_index_shadow_queries{source} gauge",
        "sluice_index_shadow_overlap{source} gauge",
        "sluice_index_events_total{source,what} counter",
        "sluice_shadow_version{model} gauge",
        "sluice_shadow_slates_total{model,result} counter",
        "sluice_shadow_window_slates{model} gauge",
        "sluice_shadow_overlap{model} gauge",
        "sluice_shadow_kept{model} gauge",
        "sluice_shadow_click_psi{model} gauge",
        "sluice_shadow_score_seconds{model,by} histogram",
        "sluice_changes_total{kind} counter",
        "sluice_workers{state} gauge",
        "sluice_worker_slates_total{worker,result} counter",
        "sluice_worker_restarts_total{worker} counter",
        "sluice_worker_requests{worker} gauge",
        "sluice_state_wait_seconds{side} histogram",
        "sluice_state_held_seconds{} histogram",
        "sluice_items{} gauge",
        "sluice_users{} gauge",
        "sluice_pending_events{} gauge",
        "sluice_processor_seconds_total{state} counter",
        "sluice_journal_bytes{} gauge",
        "sluice_state_bytes{part} gauge",
        "sluice_budget_seconds{surface,stage} gauge",
        "sluice_ready{} gauge",
        "sluice_http_request_duration_seconds{route,method,status} histogram",
        "sluice_http_requests_in_flight{} gauge",
        "sluice_telemetry_faults_total{} counter",
      ]
    `)
  })

  it('follow the house style', () => {
    for (const [name, { type, labels, help }] of Object.entries(metricTable)) {
      expect(name).toMatch(/^sluice(_[a-z]+)+$/)
      expect(help).toMatch(/\.$/)
      expect(name.endsWith('_total')).toBe(type === 'counter')
      if (type === 'histogram') expect(name).toMatch(/_(seconds|bytes)$/)
      expect(labels).not.toContain('user')
    }
  })

  it('say what was recorded', async () => {
    const metrics = createMetrics({ process: false })
    metrics.slate('home', 0.004, 'full')
    metrics.slate('home', 0.2, 'partial')
    metrics.stage('home', { stage: 'fine', ms: 2, status: 'skipped', out: 200 })
    metrics.stage('home', { stage: 'fine', ms: 0, status: 'ok', out: 150 })
    metrics.source('popular', 0.001, 200, 'late')
    metrics.removal('seen', 7)
    metrics.events('accepted', 5)
    metrics.journalBytes(123)
    metrics.stateBytes('items', 456)
    metrics.http('/v1/slates', 'POST', 200, 0.003)
    const text = await metrics.text()
    expect(text).toContain('sluice_slate_duration_seconds_bucket{le="0.005",surface="home"} 1')
    expect(text).toContain('sluice_slate_duration_seconds_count{surface="home"} 2')
    expect(text).toContain('sluice_rung_total{rung="partial",surface="home"} 1')
    expect(text).toContain('sluice_stage_duration_seconds_bucket{le="0.0025",stage="fine",surface="home"} 2')
    expect(text).toContain('sluice_stage_candidates_total{stage="fine",surface="home"} 350')
    expect(text).toContain('sluice_stage_faults_total{stage="fine",status="skipped"} 1')
    expect(text).toContain('sluice_source_candidates_total{source="popular"} 200')
    expect(text).toContain('sluice_source_faults_total{source="popular",status="late"} 1')
    expect(text).toContain('sluice_removals_total{reason="seen"} 7')
    expect(text).toContain('sluice_journal_bytes 123')
    expect(text).toContain('sluice_state_bytes{part="items"} 456')
    expect(text).toContain(
      'sluice_http_request_duration_seconds_count{route="/v1/slates",method="POST",status="200"} 1',
    )
  })

  it('never throw, and count what they refuse', async () => {
    const metrics = createMetrics({ process: false })
    metrics.slate('home', Number.NaN, 'full')
    metrics.removal('seen', -1)
    metrics.items(Number.POSITIVE_INFINITY)
    for (let i = 0; i < SERIES_MAX + 3; i++) metrics.events(`kind ${i}`, 1)
    expect(await metrics.text()).toContain('sluice_telemetry_faults_total 6')
  })

  it('keep label values apart, whatever is in them', async () => {
    const metrics = createMetrics({ process: false })
    metrics.slate('a "quoted" \\ name', 0.001, 'full')
    metrics.slate('a', 0.001, 'full')
    const samples = parseSamples(await metrics.text())
    expect(samples.get('sluice_rung_total')).toEqual([
      { labels: { rung: 'full', surface: 'a "quoted" \\ name' }, value: 1 },
      { labels: { rung: 'full', surface: 'a' }, value: 1 },
    ])
    expect(await metrics.samples()).toEqual(samples)
  })

  it('say the same as the Prometheus client library would', async () => {
    const { Histogram, Registry } = await import('prom-client')
    const registry = new Registry()
    const spec = metricTable.sluice_slate_duration_seconds
    const theirs = new Histogram({
      name: 'sluice_slate_duration_seconds',
      help: spec.help,
      labelNames: spec.labels,
      buckets: [...spec.buckets],
      registers: [registry],
    })
    const metrics = createMetrics({ process: false })
    for (const seconds of [0, 0.0005, 0.00051, 0.1, 11, 0.003]) {
      theirs.labels('home').observe(seconds)
      metrics.slate('home', seconds, 'full')
    }
    const ours = (await metrics.text()).split('\n').filter((line) => line.includes('sluice_slate_duration_seconds'))
    expect(ours).toEqual((await registry.metrics()).trim().split('\n'))
  })

  it('include what the process says of itself', async () => {
    expect(await createMetrics().text()).toContain('nodejs_eventloop_lag_seconds')
  })
})

describe('log', () => {
  function lines(level: 'debug' | 'warn') {
    const written: string[] = []
    const to = new Writable({
      write(chunk, _, done) {
        written.push(String(chunk))
        done()
      },
    })
    return { log: createLog(level, to), written }
  }

  it('hides keys and headers at any of the usual places', () => {
    const { log, written } = lines('debug')
    const secret = 'k-very-secret'
    log.info({ key: secret, config: { apiKeys: [{ key: secret }] }, token: secret }, 'one')
    log.info({ headers: { authorization: `Bearer ${secret}`, 'x-api-key': secret } }, 'two')
    log.info({ request: { headers: { authorization: secret, cookie: secret } }, body: { secret } }, 'three')
    expect(written.length).toBe(3)
    expect(written.join('')).not.toContain(secret)
  })

  it('hashes user ids and never writes a profile', () => {
    const { log, written } = lines('debug')
    log.info({ user: 'anna' }, 'one')
    log.info({ user: { id: 'anna', country: 'NO', interests: ['jazz'] } }, 'two')
    log.info({ event: { id: 'e1', kind: 'click', user: 'anna', query: 'jazz' } }, 'three')
    const [one, two] = written.map((line) => JSON.parse(line))
    expect(one.user).toMatch(/^u-[0-9a-f]{12}$/)
    expect(two.user).toBe(one.user)
    expect(written.join('')).not.toMatch(/anna|jazz|NO/)
  })

  it('keeps to its level', () => {
    const { log, written } = lines('warn')
    log.info({}, 'not this')
    log.warn({}, 'this')
    expect(written.map((line) => JSON.parse(line).msg)).toEqual(['this'])
  })
})
