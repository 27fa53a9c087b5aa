import { p, rate, share, slates, http, type Panel } from './panel.ts'

export const overview: readonly Panel[] = [
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
    say: 'Cores in use; for what share of a second the thread that serves waits for one; how long the event loop is blocked at its 99th percentile.',
    unit: 'short',
    show: {
      cores: 'rate(process_cpu_seconds_total[$__rate_interval])',
      'waits for a core': 'rate(sluice_processor_seconds_total{state="waited"}[$__rate_interval])',
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
