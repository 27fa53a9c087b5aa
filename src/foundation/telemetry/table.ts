/** What a metric is. Labels have few values: names of the configuration, of tables, of routes; never an id. */
export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds, in the unit of the name. Histograms only. */
  readonly buckets?: readonly number[]
}

// Bounds stand where budgets usually do: whether a layer keeps to its budget must not be a matter of interpolation.
const quick = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.025, 0.035, 0.05, 0.1, 0.25, 1,
]
const whole = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10]

/** Every metric of Sluice, once. The names are an interface: dashboards and alerts hold on to them. */
export const metricTable = {
  sluice_slate_duration_seconds: {
    type: 'histogram',
    help: 'Time to make a slate.',
    labels: ['surface'],
    buckets: whole,
  },
  sluice_rung_total: {
    type: 'counter',
    help: 'Slates by the rung that answered: see the table of rungs.',
    labels: ['rung', 'surface'],
  },
  sluice_stage_duration_seconds: {
    type: 'histogram',
    help: 'Time of one stage of one slate.',
    labels: ['stage', 'surface'],
    buckets: quick,
  },
  sluice_stage_faults_total: {
    type: 'counter',
    help: 'Stages that were late, failed or skipped.',
    labels: ['stage', 'status'],
  },
  sluice_stage_candidates_total: {
    type: 'counter',
    help: 'The funnel: candidates that a stage handed on.',
    labels: ['stage', 'surface'],
  },
  sluice_served_lost_total: {
    type: 'counter',
    help: 'Slates that went out and could not be kept in the served log: neither explain nor training will know them.',
    labels: [],
  },
  sluice_source_duration_seconds: {
    type: 'histogram',
    help: 'Time of one source in one slate.',
    labels: ['source'],
    buckets: quick,
  },
  sluice_source_candidates_total: {
    type: 'counter',
    help: 'Candidates proposed by a source.',
    labels: ['source'],
  },
  sluice_source_faults_total: {
    type: 'counter',
    help: 'Times a source was late, failed or skipped.',
    labels: ['source', 'status'],
  },
  sluice_source_served_total: {
    type: 'counter',
    help: 'Items on slates that a source had proposed, alone or with others.',
    labels: ['source'],
  },
  sluice_source_alone_total: {
    type: 'counter',
    help: 'Items on slates that no other source had proposed.',
    labels: ['source'],
  },
  sluice_source_clicked_total: {
    type: 'counter',
    help: 'Clicks on items that a source had proposed.',
    labels: ['source'],
  },
  sluice_score_cache_total: {
    type: 'counter',
    help: 'Slates whose scores may serve others, by whether they were kept: hit, miss.',
    labels: ['result'],
  },
  sluice_removals_total: { type: 'counter', help: 'Candidates removed, by reason.', labels: ['reason'] },
  sluice_events_total: {
    type: 'counter',
    help: 'Events by what came of them: accepted, duplicate, rejected.',
    labels: ['result'],
  },
  sluice_slate_events_total: {
    type: 'counter',
    help: 'Events that name a slate made here, by kind: clicks over impressions are its click rate.',
    labels: ['kind', 'surface'],
  },
  sluice_event_visible_seconds: {
    type: 'histogram',
    help: 'Freshness: from the arrival of a batch of events to the moment the next slate counts them.',
    labels: [],
    buckets: whole,
  },
  sluice_event_age_seconds: {
    type: 'histogram',
    help: 'Age of an event, by its own time, when it was taken.',
    labels: [],
    buckets: [0.1, 0.5, 1, 5, 30, 60, 300, 3600, 86_400, 604_800],
  },
  sluice_slate_diversity: {
    type: 'gauge',
    help: 'Mean distance of the items of a slate by content, 0 alike to 1 apart; latest slates.',
    labels: ['surface'],
  },
  sluice_creator_gini: {
    type: 'gauge',
    help: 'Inequality of exposure over all creators in the last hours: 0 all alike, 1 one has all.',
    labels: [],
  },
  sluice_feature_drift_psi: {
    type: 'gauge',
    help: 'Population stability index of a feature of shown items against what was shown the day before, or what the live model was trained on; 0.1 watch, 0.25 act.',
    labels: ['feature', 'against'],
  },
  sluice_score_drift_psi: {
    type: 'gauge',
    help: 'Population stability index of the fine score of shown items against the day before.',
    labels: [],
  },
  sluice_calibration_impressions_total: {
    type: 'counter',
    help: 'Impressions with a known outcome, by bin of the predicted click probability (upper edge).',
    labels: ['bin'],
  },
  sluice_calibration_predicted_total: {
    type: 'counter',
    help: 'Clicks that were expected of those impressions.',
    labels: ['bin'],
  },
  sluice_calibration_clicks_total: {
    type: 'counter',
    help: 'Clicks that came of those impressions.',
    labels: ['bin'],
  },
  sluice_model_version: {
    type: 'gauge',
    help: 'Number of the version in use; 0 for none.',
    labels: ['model'],
  },
  sluice_index_size: { type: 'gauge', help: 'Vectors in the index that serves a source.', labels: ['source'] },
  sluice_index_bytes: {
    type: 'gauge',
    help: 'Memory of all vector indexes of a source: what serves, what comes, and what is kept to go back to.',
    labels: ['source'],
  },
  sluice_index_astray: {
    type: 'gauge',
    help: 'Share of the vectors of the index that serves which lie in no cell: from 0.05 on it is built anew.',
    labels: ['source'],
  },
  sluice_index_version: {
    type: 'gauge',
    help: 'Number of the version of embeddings that the index that serves is over.',
    labels: ['source'],
  },
  sluice_index_generation: {
    type: 'gauge',
    help: 'Which index over these embeddings serves: 1 for the first that was built, 0 for exact search.',
    labels: ['source'],
  },
  sluice_index_recall: {
    type: 'gauge',
    help: 'Recall@1000 against the exact answer when it was validated, by which index: live, or latest, which may have been refused.',
    labels: ['source', 'which'],
  },
  sluice_index_shadow_queries: {
    type: 'gauge',
    help: 'Live queries that the latest new index was asked beside the one that served.',
    labels: ['source'],
  },
  sluice_index_shadow_overlap: {
    type: 'gauge',
    help: 'Share of what those queries were served that the new index gave too.',
    labels: ['source'],
  },
  sluice_index_events_total: {
    type: 'counter',
    help: 'What became of vector indexes: built, shadow (asked beside the live one), swapped, refused, rolled back.',
    labels: ['source', 'what'],
  },
  sluice_shadow_version: {
    type: 'gauge',
    help: 'Number of the version in the shadow of a model; 0: none, or it was refused.',
    labels: ['model'],
  },
  sluice_shadow_slates_total: {
    type: 'counter',
    help: 'Slates that a version in the shadow of a model was meant to score: compared, skipped (one was being scored) or failed.',
    labels: ['model', 'result'],
  },
  sluice_shadow_window_slates: {
    type: 'gauge',
    help: 'Slates that overlap and distance of the version in the shadow are of: the latest, 500 at most.',
    labels: ['model'],
  },
  sluice_shadow_overlap: {
    type: 'gauge',
    help: 'Share of the first 20 of the live order that are among the first 20 of the version in the shadow.',
    labels: ['model'],
  },
  sluice_shadow_kept: {
    type: 'gauge',
    help: 'Share of the first 20 of the fine rank that the coarse version in the shadow would not have cut.',
    labels: ['model'],
  },
  sluice_shadow_click_psi: {
    type: 'gauge',
    help: 'How differently the version in the shadow distributes click scores over the same candidates: below 0.1 alike, from 0.25 on otherwise.',
    labels: ['model'],
  },
  sluice_shadow_score_seconds: {
    type: 'histogram',
    help: 'Time to score the candidates of one slate, by whom: live, shadow.',
    labels: ['model', 'by'],
    buckets: quick,
  },
  sluice_changes_total: {
    type: 'counter',
    help: 'Changes noted since the start: models, indexes, configuration, starts.',
    labels: ['kind'],
  },
  sluice_workers: {
    type: 'gauge',
    help: 'Threads that make slates, by state: wanted, ready.',
    labels: ['state'],
  },
  sluice_worker_slates_total: {
    type: 'counter',
    help: 'Slates by the worker that was asked and what came of it: made, failed, lost (it ended over it). Worker "server": none took requests, and the server made them itself.',
    labels: ['worker', 'result'],
  },
  sluice_worker_restarts_total: {
    type: 'counter',
    help: 'Times a worker had ended and was begun again.',
    labels: ['worker'],
  },
  sluice_worker_requests: { type: 'gauge', help: 'Requests a worker has taken and not answered.', labels: ['worker'] },
  sluice_state_wait_seconds: {
    type: 'histogram',
    help: 'With workers: how long a change of the state waited for those who read (write), and a worker for a change (read).',
    labels: ['side'],
    buckets: quick,
  },
  sluice_state_held_seconds: {
    type: 'histogram',
    help: 'With workers: for how long nobody could read because the state was changed.',
    labels: [],
    buckets: quick,
  },
  sluice_items: { type: 'gauge', help: 'Items in the catalogue.', labels: [] },
  sluice_users: { type: 'gauge', help: 'Users known.', labels: [] },
  sluice_pending_events: { type: 'gauge', help: 'Events that wait for the disk.', labels: [] },
  sluice_processor_seconds_total: {
    type: 'counter',
    help: 'What the thread that serves did with its time while it had work: it ran, or it waited for a core. Linux only.',
    labels: ['state'],
  },
  sluice_journal_bytes: { type: 'gauge', help: 'Size of the journal on disk.', labels: [] },
  sluice_state_bytes: { type: 'gauge', help: 'Memory of each part of the state.', labels: ['part'] },
  sluice_budget_seconds: {
    type: 'gauge',
    help: 'Time that the profile in use gives a slate and its stages; the whole is the stage "slate".',
    labels: ['surface', 'stage'],
  },
  sluice_ready: { type: 'gauge', help: '1 when requests are served, 0 while starting.', labels: [] },
  sluice_http_request_duration_seconds: {
    type: 'histogram',
    help: 'Time from the arrival of a request to the end of its answer.',
    labels: ['route', 'method', 'status'],
    buckets: whole,
  },
  sluice_http_requests_in_flight: { type: 'gauge', help: 'Requests being answered now.', labels: [] },
  sluice_telemetry_faults_total: {
    type: 'counter',
    help: 'Measurements that were refused: no number, negative, or too many label values.',
    labels: [],
  },
} as const satisfies Record<string, MetricSpec>

export type MetricName = keyof typeof metricTable
