/** The Grafana dashboards as data: a row per panel. `npm run docs` writes them; a test holds their metrics against the table. */
interface Panel {
  readonly title: string
  /** What a reader should take from it. */
  readonly say: string
  readonly unit: 's' | 'percentunit' | 'reqps' | 'short' | 'bytes' | 'none'
  /** PromQL by the legend it is shown with. */
  readonly show: Readonly<Record<string, string>>
  readonly max?: number
}

const p = (q: number, name: string, by: string) =>
  `histogram_quantile(${q}, sum by (le, ${by}) (rate(${name}_bucket[$__rate_interval])))`
const rate = (name: string, by?: string) => `sum${by ? ` by (${by})` : ''} (rate(${name}[$__rate_interval]))`
/** A part as a share of the whole, by a label of the part. */
const share = (part: string, whole: string) => `${part} / on() group_left() ${whole}`

const slates = 'sluice_slate_duration_seconds'
const stages = 'sluice_stage_duration_seconds'
const http = 'sluice_http_request_duration_seconds'

const overview: readonly Panel[] = [
  {
    title: 'Slates',
    say: 'Made per second, by surface.',
    unit: 'reqps',
    show: { '{{surface}}': rate(`${slates}_count`, 'surface') },
  },
  {
    title: 'Latency of a slate',
    say: 'Median and 99th percentile by surface, and the budget of the profile in use.',
    unit: 's',
    show: {
      'p99 {{surface}}': p(0.99, slates, 'surface'),
      'p50 {{surface}}': p(0.5, slates, 'surface'),
      'budget {{surface}}': 'max by (surface) (sluice_budget_seconds{stage="slate"})',
    },
  },
  {
    title: 'Rungs',
    say: 'How whole the answers are. Anything but full deserves a look.',
    unit: 'percentunit',
    max: 1,
    show: { '{{rung}}': share(rate('sluice_rung_total', 'rung'), rate('sluice_rung_total')) },
  },
  {
    title: 'Errors',
    say: 'Answers of 500 and above, as a share of all.',
    unit: 'percentunit',
    show: {
      errors: `(sum(rate(${http}_count{status=~"5.."}[$__rate_interval])) or vector(0)) / ${rate(`${http}_count`)}`,
    },
  },
  {
    title: 'Events',
    say: 'Taken per second, by what came of them.',
    unit: 'reqps',
    show: { '{{result}}': rate('sluice_events_total', 'result') },
  },
  {
    title: 'From event to slate',
    say: 'From the arrival of a batch to the moment the next slate counts it.',
    unit: 's',
    show: {
      p99: 'histogram_quantile(0.99, sum by (le) (rate(sluice_event_visible_seconds_bucket[$__rate_interval])))',
      p50: 'histogram_quantile(0.5, sum by (le) (rate(sluice_event_visible_seconds_bucket[$__rate_interval])))',
    },
  },
  {
    title: 'Processor and event loop',
    say: 'Cores in use; how long the event loop is blocked at its 99th percentile.',
    unit: 'short',
    show: {
      cores: 'rate(process_cpu_seconds_total[$__rate_interval])',
      'loop p99, s': 'nodejs_eventloop_lag_p99_seconds',
    },
  },
  {
    title: 'Memory',
    say: 'Of the process, and of its heap.',
    unit: 'bytes',
    show: { resident: 'process_resident_memory_bytes', heap: 'nodejs_heap_size_used_bytes' },
  },
  {
    title: 'Changes',
    say: 'Models, indexes, options, versions and starts. Trouble that begins with one of them has its suspect.',
    unit: 'short',
    show: {
      '{{kind}}': 'sum by (kind) (increase(sluice_changes_total[$__interval]))',
      'version of {{model}}': 'sluice_model_version',
    },
  },
  {
    title: 'What it holds',
    say: 'Items and users.',
    unit: 'short',
    show: { items: 'sluice_items', users: 'sluice_users' },
  },
  { title: 'Journal', say: 'Bytes on disk.', unit: 'bytes', show: { journal: 'sluice_journal_bytes' } },
  {
    title: 'State',
    say: 'Memory of each part of the state, and of the vector indexes by source.',
    unit: 'bytes',
    show: { '{{part}}': 'sluice_state_bytes', 'index of {{source}}': 'sluice_index_bytes' },
  },
  {
    title: 'Under way',
    say: 'Requests being answered, events that wait for the disk.',
    unit: 'short',
    show: { requests: 'sluice_http_requests_in_flight', events: 'sluice_pending_events' },
  },
  {
    title: 'Workers',
    say: 'Threads that make slates: wanted and ready, the requests each has under way, restarts in ten minutes.',
    unit: 'short',
    show: {
      '{{state}}': 'sluice_workers',
      'requests of {{worker}}': 'sluice_worker_requests',
      'restarts of {{worker}}': 'increase(sluice_worker_restarts_total[10m])',
    },
  },
  {
    title: 'Slates by worker',
    say: 'Per second, by what came of them. From "server": no worker took requests. Lost: it ended over them, and others made them.',
    unit: 'reqps',
    show: { '{{worker}} {{result}}': rate('sluice_worker_slates_total', 'worker, result') },
  },
  {
    title: 'The state between workers and writer',
    say: 'How long changes wait for readers (write) and workers for changes (read); how long a change keeps readers out.',
    unit: 's',
    show: {
      'p99 wait, {{side}}': p(0.99, 'sluice_state_wait_seconds', 'side'),
      'p99 held': 'histogram_quantile(0.99, sum by (le) (rate(sluice_state_held_seconds_bucket[$__rate_interval])))',
    },
  },
]

const layers: readonly Panel[] = [
  {
    title: '99th percentile by stage',
    say: 'All surfaces, and the budgets that the profile in use gives the stages.',
    unit: 's',
    show: {
      '{{stage}}': p(0.99, stages, 'stage'),
      'budget {{stage}}': 'max by (stage) (sluice_budget_seconds{stage!="slate"})',
    },
  },
  { title: 'Median by stage', say: 'All surfaces.', unit: 's', show: { '{{stage}}': p(0.5, stages, 'stage') } },
  {
    title: '99th percentile by surface and stage',
    say: 'Where one surface differs from the others.',
    unit: 's',
    show: { '{{surface}} {{stage}}': p(0.99, stages, 'surface, stage') },
  },
  {
    title: 'Time by stage',
    say: 'Seconds per second: how many cores each stage keeps busy, roughly.',
    unit: 'short',
    show: { '{{stage}}': rate(`${stages}_sum`, 'stage') },
  },
  {
    title: 'Funnel',
    say: 'Candidates that each stage hands on, mean per slate.',
    unit: 'short',
    show: { '{{stage}}': `${rate('sluice_stage_candidates_total', 'stage')} / ${rate(`${stages}_count`, 'stage')}` },
  },
  {
    title: 'Stages late, failed or skipped',
    say: 'Per second.',
    unit: 'reqps',
    show: { '{{stage}} {{status}}': rate('sluice_stage_faults_total', 'stage, status') },
  },
  {
    title: 'Removals',
    say: 'Candidates removed per second, by reason.',
    unit: 'reqps',
    show: { '{{reason}}': rate('sluice_removals_total', 'reason') },
  },
  {
    title: 'Kept scores',
    say: 'Slates per second whose scores may serve others, by whether they were kept.',
    unit: 'reqps',
    show: { '{{result}}': rate('sluice_score_cache_total', 'result') },
  },
  {
    title: 'HTTP by route',
    say: '99th percentile from arrival to the end of the answer.',
    unit: 's',
    show: { '{{route}}': p(0.99, http, 'route') },
  },
]

const clicks = 'sum by (surface) (rate(sluice_slate_events_total{kind="click"}[$__rate_interval]))'
const impressions = 'sum by (surface) (rate(sluice_slate_events_total{kind="impression"}[$__rate_interval]))'

const quality: readonly Panel[] = [
  {
    title: 'Click rate',
    say: 'Clicks over impressions of slates made here.',
    unit: 'percentunit',
    show: { '{{surface}}': `${clicks} / ${impressions}` },
  },
  {
    title: 'Calibration',
    say: 'Clicks that came over clicks that were predicted. A ratio that moves says that ranker and world have parted.',
    unit: 'none',
    show: { ratio: `${rate('sluice_calibration_clicks_total')} / ${rate('sluice_calibration_predicted_total')}` },
  },
  {
    title: 'Observed by bin',
    say: 'Click rate of the impressions of each bin of predicted probability, named by its upper edge: each should lie in its bin.',
    unit: 'percentunit',
    show: {
      '{{bin}}': `${rate('sluice_calibration_clicks_total', 'bin')} / ${rate('sluice_calibration_impressions_total', 'bin')}`,
    },
  },
  {
    title: 'Drift of features',
    say: 'The ten that moved most since the day before (PSI). Below 0.1 nothing, from 0.25 on act.',
    unit: 'none',
    show: { '{{feature}}': 'topk(10, sluice_feature_drift_psi{against="day"})' },
  },
  {
    title: 'Features against training',
    say: 'The ten furthest from what the live model was trained on (PSI). What was shown by another policy, or at another time, differs; what differs more and more asks for a training.',
    unit: 'none',
    show: { '{{feature}}': 'topk(10, sluice_feature_drift_psi{against="training"})' },
  },
  {
    title: 'Drift of scores',
    say: 'PSI of the fine score of what is shown.',
    unit: 'none',
    show: { score: 'sluice_score_drift_psi' },
  },
  {
    title: 'Diversity',
    say: 'Mean distance of the items of a slate by content: 0 alike, 1 apart.',
    unit: 'none',
    max: 1,
    show: { '{{surface}}': 'sluice_slate_diversity' },
  },
  {
    title: 'Concentration on creators',
    say: 'Gini of places on slates over all creators: 0 all alike, 1 one has all.',
    unit: 'none',
    max: 1,
    show: { gini: 'sluice_creator_gini' },
  },
  {
    title: 'Age of events',
    say: 'How old events are, by their own time, when they are taken.',
    unit: 's',
    show: { p99: 'histogram_quantile(0.99, sum by (le) (rate(sluice_event_age_seconds_bucket[$__rate_interval])))' },
  },
]

const portfolio: readonly Panel[] = [
  {
    title: 'Share of what is shown',
    say: 'Of the items on slates, those that a source had proposed, alone or with others.',
    unit: 'percentunit',
    show: { '{{source}}': share(rate('sluice_source_served_total', 'source'), rate('sluice_source_served_total')) },
  },
  {
    title: 'Shown by it alone',
    say: 'Items that no other source had proposed, per second: what would be lost without it.',
    unit: 'reqps',
    show: { '{{source}}': rate('sluice_source_alone_total', 'source') },
  },
  {
    title: 'Click rate by source',
    say: 'Clicks over items shown.',
    unit: 'percentunit',
    show: {
      '{{source}}': `${rate('sluice_source_clicked_total', 'source')} / ${rate('sluice_source_served_total', 'source')}`,
    },
  },
  {
    title: 'Time',
    say: '99th percentile of one source in one slate.',
    unit: 's',
    show: { '{{source}}': p(0.99, 'sluice_source_duration_seconds', 'source') },
  },
  {
    title: 'Clicks per second of its time',
    say: 'What a source brings for what it costs. The least are candidates to be shed.',
    unit: 'none',
    show: {
      '{{source}}': `${rate('sluice_source_clicked_total', 'source')} / ${rate('sluice_source_duration_seconds_sum', 'source')}`,
    },
  },
  {
    title: 'Candidates',
    say: 'Proposed per slate.',
    unit: 'short',
    show: {
      '{{source}}': `${rate('sluice_source_candidates_total', 'source')} / ${rate('sluice_source_duration_seconds_count', 'source')}`,
    },
  },
  {
    title: 'Late, failed or skipped',
    say: 'As a share of the slates it was asked for.',
    unit: 'percentunit',
    show: {
      '{{source}} {{status}}': `${rate('sluice_source_faults_total', 'source, status')} / on(source) group_left() ${rate('sluice_source_duration_seconds_count', 'source')}`,
    },
  },
]

const indexes: readonly Panel[] = [
  {
    title: 'Recall',
    say: 'At 1000, against the exact answer, when it was validated: of what serves, and of the latest one, which may have been refused.',
    unit: 'percentunit',
    max: 1,
    show: { '{{which}} {{source}}': 'sluice_index_recall' },
  },
  {
    title: 'Asked in the shadow',
    say: 'Share of what live queries were served that the new index gave too, and how many were asked. From 0.85 on it may serve.',
    unit: 'none',
    show: {
      'overlap {{source}}': 'sluice_index_shadow_overlap',
      'queries {{source}}': 'sluice_index_shadow_queries',
    },
  },
  {
    title: 'Astray',
    say: 'Share of the vectors that lie in no cell: they came after the build. From 0.05 on the index is built anew.',
    unit: 'percentunit',
    show: { '{{source}}': 'sluice_index_astray' },
  },
  { title: 'Vectors', say: 'In the index that serves.', unit: 'short', show: { '{{source}}': 'sluice_index_size' } },
  {
    title: 'What serves',
    say: 'Version of the embeddings, and which index over them: 0 is exact search. A number that falls was a rollback.',
    unit: 'none',
    show: {
      'version {{source}}': 'sluice_index_version',
      'generation {{source}}': 'sluice_index_generation',
    },
  },
  {
    title: 'What became of indexes',
    say: 'Built, asked in the shadow, swapped in, refused, rolled back. A refusal names its reason in the log and in "sluice index show".',
    unit: 'short',
    show: { '{{what}} {{source}}': 'sum by (what, source) (increase(sluice_index_events_total[$__interval]))' },
  },
]

const shadow: readonly Panel[] = [
  {
    title: 'In the shadow',
    say: 'Version that is asked beside the live one, which answers. 0: none, or it was refused: the log and "sluice status" say why.',
    unit: 'none',
    show: { '{{model}}': 'sluice_shadow_version' },
  },
  {
    title: 'First 20 alike',
    say: 'Share of the first 20 of the live order that are among the first 20 of the shadow’s, over the latest slates.',
    unit: 'percentunit',
    max: 1,
    show: { '{{model}}': 'sluice_shadow_overlap' },
  },
  {
    title: 'Click scores',
    say: 'PSI of the probabilities of a click over the same candidates: below 0.1 alike, from 0.25 on otherwise.',
    unit: 'none',
    show: { '{{model}}': 'sluice_shadow_click_psi' },
  },
  {
    title: 'Median time',
    say: 'To score the candidates of one slate, by whom.',
    unit: 's',
    show: { '{{by}} {{model}}': p(0.5, 'sluice_shadow_score_seconds', 'by, model') },
  },
  {
    title: '99th percentile of the time',
    say: 'To score the candidates of one slate, by whom. The shadow is not waited for; what it takes is the processor’s.',
    unit: 's',
    show: { '{{by}} {{model}}': p(0.99, 'sluice_shadow_score_seconds', 'by, model') },
  },
  {
    title: 'Slates of the share',
    say: 'Compared, skipped because one was being scored, or failed. Per second.',
    unit: 'reqps',
    show: {
      '{{result}} {{model}}': rate('sluice_shadow_slates_total', 'result, model'),
    },
  },
  {
    title: 'Slates in the figures',
    say: 'Overlap and click scores are of so many; 500 at most. Another version on either side begins anew.',
    unit: 'short',
    show: { '{{model}}': 'sluice_shadow_window_slates' },
  },
]

const boards = { overview, layers, quality, portfolio, indexes, shadow } as const

const WIDTH = 12
const HEIGHT = 8

/** The files, by path. */
export function dashboards(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(boards).map(([name, panels]) => [
      `deploy/grafana/dashboards/sluice-${name}.json`,
      `${JSON.stringify(board(name, panels), null, 2)}\n`,
    ]),
  )
}

function board(name: string, panels: readonly Panel[]): object {
  return {
    uid: `sluice-${name}`,
    title: `Sluice: ${name}`,
    tags: ['sluice'],
    schemaVersion: 39,
    editable: true,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [{ name: 'prometheus', label: 'Prometheus', type: 'datasource', query: 'prometheus' }] },
    links: [{ title: 'Sluice', type: 'dashboards', tags: ['sluice'], asDropdown: true }],
    annotations: {
      list: [
        {
          name: 'changes',
          datasource,
          enable: true,
          expr: 'sum by (kind) (increase(sluice_changes_total[1m])) > 0',
          titleFormat: '{{kind}}',
          iconColor: 'orange',
        },
      ],
    },
    panels: panels.map(panel),
  }
}

/** The variable of the dashboard: Grafana fills it in. */
const datasource = { type: 'prometheus', uid: `\${prometheus}` }

function panel({ title, say, unit, show, max }: Panel, index: number): object {
  return {
    id: index + 1,
    type: 'timeseries',
    title,
    description: say,
    datasource,
    gridPos: { x: (index % 2) * WIDTH, y: Math.floor(index / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0, ...(max === undefined ? {} : { max }) }, overrides: [] },
    options: {
      legend: { displayMode: 'table', placement: 'right', calcs: ['lastNotNull', 'max'] },
      tooltip: { mode: 'multi' },
    },
    targets: Object.entries(show).map(([legendFormat, expr], i) => ({
      refId: String.fromCharCode(65 + i),
      datasource,
      expr,
      legendFormat,
    })),
  }
}
