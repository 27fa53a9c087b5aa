/**
 * What it costs to measure one slate: all its metrics (stages, sources, removals, rung, whole) by the instruments of
 * `foundation/telemetry` and by the usual client library with the same names, labels and buckets, by turns in one
 * process; then the watch (drift, diversity, concentration) and the slow work that it does once a second and once a minute.
 *
 *     npm run bench bench/telemetry.ts
 *
 * Takes about 15 seconds. Times are CPU time. Writes bench/out/telemetry.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import Table from 'cli-table3'
import { Counter, Histogram, Registry } from 'prom-client'
import { meterSlate } from '../src/app/observe/slate-meter.ts'
import { HOUR, Random } from '../src/foundation/base/index.ts'
import { createMetrics, metricTable, type MetricName, minuteOf } from '../src/foundation/telemetry/index.ts'
import { Candidates, type Outcome, type Query } from '../src/serving/pipeline/index.ts'
import { Watch } from '../src/serving/watch/index.ts'

const SLATES = 20_000
const ROUNDS = 7
const FEATURES = 52
const SOURCES = [
  'sequence',
  'slim',
  'covisit',
  'similar',
  'followed',
  'interests',
  'trending',
  'popular',
  'fresh',
  'pins',
]
const STAGES = ['retrieve', 'filter', 'coarse', 'features', 'fine', 'rerank']
const random = new Random('telemetry')

function outcome(): Outcome {
  const ranked = new Candidates(SOURCES, 200)
  ranked.features = Float32Array.from({ length: 200 * FEATURES }, () => random.normal())
  for (let i = 0; i < 200; i++) {
    ranked.rows[i] = random.int(100_000)
    ranked.mask[i] = 1 + random.int(2 ** SOURCES.length - 1)
    ranked.scores[i] = random.next()
  }
  return {
    ranked,
    picks: Array.from({ length: 20 }, (_, index) => ({ index, propensity: 1, explored: false, pinned: false })),
    stages: STAGES.map((stage) => ({ stage, status: 'ok', ms: random.exponential(2), in: 1000, out: 200 })),
    sources: SOURCES.map((name) => ({ name, status: 'ok', ms: random.exponential(0.5), count: 200 })),
    removals: { seen: 40, region: 3, 'age-rating': 1, policy: 2 },
    rung: 'full',
    more: true,
  } as unknown as Outcome
}
const outcomes = Array.from({ length: 50 }, outcome)
const query = { surface: 'home' } as Query
const at = (turn: number) => outcomes[turn % outcomes.length] as Outcome

const ours = createMetrics()
const measure = (made: Outcome) => {
  meterSlate(ours, query, made)
  ours.slate('home', 0.004, made.rung)
}

const registry = new Registry()
const theirs = Object.fromEntries(
  Object.entries(metricTable).map(([name, spec]) => {
    const options = { name, help: spec.help, labelNames: [...spec.labels], registers: [registry] }
    const made = 'buckets' in spec ? new Histogram({ ...options, buckets: [...spec.buckets] }) : new Counter(options)
    return [name, made]
  }),
) as unknown as Record<MetricName, { labels(...values: string[]): { inc(n: number): void; observe(n: number): void } }>
const measureTheirs = ({ stages, sources, removals, ranked, picks, rung }: Outcome) => {
  for (const { stage, ms, out } of stages) {
    theirs.sluice_stage_duration_seconds.labels(stage, 'home').observe(ms / 1000)
    theirs.sluice_stage_candidates_total.labels(stage, 'home').inc(out)
  }
  for (const { name, ms, count } of sources) {
    theirs.sluice_source_duration_seconds.labels(name).observe(ms / 1000)
    theirs.sluice_source_candidates_total.labels(name).inc(count)
  }
  for (const [reason, count] of Object.entries(removals)) theirs.sluice_removals_total.labels(reason).inc(count ?? 0)
  for (let s = 0; s < ranked.sources.length; s++) {
    const masks = picks.map(({ index }) => ranked.mask[index]).filter((mask) => (mask & (1 << s)) !== 0)
    theirs.sluice_source_served_total.labels(ranked.sources[s] as string).inc(masks.length)
    theirs.sluice_source_alone_total
      .labels(ranked.sources[s] as string)
      .inc(masks.filter((m) => (m & (m - 1)) === 0).length)
  }
  theirs.sluice_slate_duration_seconds.labels('home').observe(0.004)
  theirs.sluice_rung_total.labels(rung, 'home').inc(1)
}

const watch = new Watch({
  facts: { creatorOf: (row) => row % 20_000, similarity: (a, b) => ((a * 31 + b) % 100) / 100 },
  featureNames: Array.from({ length: FEATURES }, (_, i) => `feature.${i}`),
  creators: () => 20_000,
  metrics: ours,
})

/** CPU microseconds of one call: the median of the rounds, taken by turns. */
function rounds(works: Readonly<Record<string, (turn: number) => void>>, calls: number): Record<string, number> {
  const taken: Record<string, number[]> = {}
  for (let round = 0; round <= ROUNDS; round++)
    for (const [name, work] of Object.entries(works)) {
      const before = process.cpuUsage()
      for (let turn = 0; turn < calls; turn++) work(turn)
      const { user, system } = process.cpuUsage(before)
      if (round > 0) (taken[name] ??= []).push((user + system) / calls) // the first one compiles
    }
  return Object.fromEntries(
    Object.entries(taken).map(([name, all]) => [name, all.sort((a, b) => a - b)[ROUNDS >> 1] as number]),
  )
}

const perSlate = rounds(
  {
    'metrics, client library (baseline)': (turn) => measureTheirs(at(turn)),
    'metrics, as served': (turn) => measure(at(turn)),
    'watch, as served': (turn) => watch.observe(query, at(turn)),
  },
  SLATES,
)
watch.step(0)
watch.step(HOUR)
for (let turn = 0; turn < 3000; turn++) watch.observe(query, at(turn))
let reading = await ours.samples()
const slow = rounds({ 'watch, once a second': (turn) => void watch.step(HOUR + turn) }, 300)
const before = process.cpuUsage()
for (let minute = 0; minute < 50; minute++) {
  const next = await ours.samples()
  minuteOf(minute, next, reading)
  reading = next
}
const minutes = process.cpuUsage(before)
slow['a minute, once a minute'] = (minutes.user + minutes.system) / 50
const scrape = process.cpuUsage()
for (let i = 0; i < 50; i++) await ours.text()
const scraped = process.cpuUsage(scrape)
slow['a scrape of /metrics'] = (scraped.user + scraped.system) / 50

const baseline = perSlate['metrics, client library (baseline)'] as number
const table = new Table({ head: ['what', 'CPU us', 'of the baseline'] })
for (const [name, us] of Object.entries({ ...perSlate, ...slow }))
  table.push([name, us.toFixed(2), name in perSlate ? (us / baseline).toFixed(3) : '-'])
console.log(table.toString())
mkdirSync('bench/out', { recursive: true })
writeFileSync('bench/out/telemetry.json', `${JSON.stringify({ perSlate, slow }, null, 2)}\n`)
