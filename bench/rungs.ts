// What the slates of each rung and latency profile are truly worth, by circumstance: npm run bench bench/rungs.ts [DATA]
// One simulated platform, planted truth, the same viewers for all. Each rung is forced by the faults that lead to it; the
// slate kept from before is as old as it would be: made when nine tenths of the history were over, shown at its end.
// Worth is the expected gain of the slate, places weighed by the odds that they are looked at, and nDCG@20 with the gains
// as they are, both against the best slate there is; the table gives them against the rung `full`, with 95 % intervals of a
// bootstrap over viewers. DATA is the folder of a simulated platform; its live models rank. Without one a platform is made
// here, and the rankers are those set by hand.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Table from 'cli-table3'
import { createParts, type Parts } from '../src/app/parts.ts'
import { worldIn } from '../src/app/folder.ts'
import { openReader } from '../src/app/ingest/journal.ts'
import { LiveModels } from '../src/app/learn/live.ts'
import { hydrate } from '../src/app/serve/hydrate.ts'
import { type Config, completeConfig, defaultProfiles } from '../src/domain/index.ts'
import { Deadline, manualClock, Random } from '../src/foundation/base/index.ts'
import { type FaultName, injectionOf } from '../src/serving/ladder/index.ts'
import { inStore, memoryStore } from '../src/serving/features/index.ts'
import type { Outcome, Query } from '../src/serving/pipeline/index.ts'
import type { Entry } from '../src/stream/events/index.ts'
import { createWorld, type WorldSizes } from '../src/world/index.ts'

const [data] = process.argv.slice(2)
const known = data === undefined ? { users: 3000, items: 5000, end: Date.UTC(2026, 5, 1) } : worldIn(data)
if (!known) throw new Error(`${data} holds no simulated platform`)
const { start: _, ...sizes } = known as WorldSizes
const world = createWorld(sizes)
const { users, items } = world.sizes
const ASKED = 600
const LIMIT = 20
const RESAMPLES = 1000
/** Share of the history after which slates are kept for later. */
const KEPT_AT = 0.9

/** Stands still within a measurement. */
const clock = manualClock(world.end)
/** Long enough for every breaker to let probes through again. */
const PAUSE_MS = 60_000

interface Worth {
  readonly ndcg: number
  readonly value: number
}

/** Whose slates are asked for, in an order of chance. */
const viewers = new Random('viewers').shuffle(Uint32Array.from({ length: users }, (_, i) => i)).slice(0, ASKED)

/** The configuration with a profile’s cuts, but all the time in the world: quality is asked for here, not speed. */
function unhurried(profile: string): Config {
  const stages = { retrievalMs: 9000, coarseMs: 9000, featuresMs: 9000, fineMs: 9000, rerankMs: 9000, marginMs: 0 }
  const cuts = { ...defaultProfiles[profile], budgetMs: 50_000, ...stages }
  // Nothing that is there without a ranker is worth showing: every one that works is asked for itself.
  const ladder = { quality: { coarse: 0, retrieval: 0, cached: 0, popular: 0 } }
  const surfaces = { home: { budgetMs: 50_000, explorationSlots: [], pinSlots: [] } }
  return completeConfig({ ladder, surfaces, budgets: { profile: 'unhurried', profiles: { unhurried: cuts } } })
}

/** What happened until the end of the history, as the journal holds it. */
async function history(): Promise<Entry[]> {
  if (data !== undefined) {
    const all = [...(await openReader(data)).replay()]
    return all.filter((entry) => entry.type !== 'event' || entry.event.at <= world.end)
  }
  return Array.from(world.entries(), (entry): Entry => {
    if (entry.type !== 'event') return entry
    const at = entry.event.at as number
    return { type: 'event', event: { ...entry.event, at, receivedAt: at } }
  })
}

function queryOf(parts: Parts, user: number, at: number): Query {
  const query = hydrate(parts, { surface: 'home', user: world.userId(user), limit: LIMIT, at, seed: 'rungs' }, 0)
  return { ...query, deadline: new Deadline(manualClock(), 50_000) }
}

function worthOf(user: number, { picks, ranked }: Outcome, parts: Parts): Worth {
  const shown = picks.map(({ index }) => world.itemRow(parts.state.items.ids.name(ranked.rows[index] as number)))
  return world.truth.worth(user, [...shown, ...new Array<number>(LIMIT - shown.length).fill(-1)])
}

/** Folds the history; when `keep` is set, keeps slates on the way. `storeDown`: features of items and users are asked of nobody. */
async function platform(profile: string, { keep = false, storeDown = false } = {}): Promise<Parts> {
  const config = unhurried(profile)
  const refuses = { ...memoryStore(), get: () => Promise.reject(new Error('the store is down')) }
  const online = storeDown ? inStore(refuses, config.features, clock, () => undefined) : undefined
  const parts = createParts(config, clock, undefined, online)
  const entries = await history()
  if (data !== undefined) await new LiveModels(join(data, 'models'), parts.models).look()
  const pause = Math.floor(entries.length * KEPT_AT)
  for (const [i, entry] of entries.entries()) {
    if (keep && i === pause) {
      parts.build()
      const at = momentOf(entry)
      for (const user of viewers) await parts.pipeline.run(queryOf(parts, user, at))
    }
    parts.state.apply(entry)
  }
  for (const retriever of parts.retrievers) await retriever.settled()
  parts.build()
  return parts
}

function momentOf(entry: Entry): number {
  return entry.type === 'event' ? (entry.event.at as number) : entry.at
}

async function measure(parts: Parts, faults: readonly FaultName[], way: 'run' | 'shed' = 'run') {
  const worths: Worth[] = []
  const rungs: Record<string, number> = {}
  clock.advance(PAUSE_MS)
  parts.ladder.injector.set(faults.map((fault) => injectionOf(fault)))
  for (const user of viewers) {
    const query = queryOf(parts, user, world.end)
    const outcome = way === 'run' ? await parts.pipeline.run(query) : parts.pipeline.shed(query)
    rungs[outcome.rung] = (rungs[outcome.rung] ?? 0) + 1
    worths.push(worthOf(user, outcome, parts))
  }
  parts.ladder.injector.set([])
  return { worths, rungs }
}

/** What was retrieved, in the order of retrieval. */
async function byRetrieval(parts: Parts) {
  const worths: Worth[] = []
  for (const user of viewers) {
    const set = await parts.pipeline.gather(queryOf(parts, user, world.end))
    const order = [...set.retrievalScores.keys()].sort(
      (a, b) =>
        (set.retrievalScores[b] as number) - (set.retrievalScores[a] as number) ||
        (set.rows[a] as number) - (set.rows[b] as number),
    ) // prettier-ignore
    const shown = order
      .slice(0, LIMIT)
      .map((index) => world.itemRow(parts.state.items.ids.name(set.rows[index] as number)))
    worths.push(world.truth.worth(user, shown))
  }
  const rungs: Record<string, number> = { retrieval: viewers.length }
  return { worths, rungs }
}

/** Sum of one over sum of the other, with the interval of a paired bootstrap over viewers. */
function ratio(of: readonly Worth[], against: readonly Worth[], name: keyof Worth) {
  const random = new Random('ratio')
  const at = (pick: (i: number) => number) => {
    let above = 0
    let below = 0
    for (let i = 0; i < of.length; i++) {
      const k = pick(i)
      above += (of[k] as Worth)[name]
      below += (against[k] as Worth)[name]
    }
    return above / below
  }
  const draws = Array.from({ length: RESAMPLES }, () => at(() => random.int(of.length))).sort((a, b) => a - b)
  return {
    value: at((i) => i),
    low: draws[Math.floor(0.025 * RESAMPLES)] as number,
    high: draws[Math.floor(0.975 * RESAMPLES)] as number,
  }
}

const began = process.cpuUsage()
const whole = await platform('100ms', { keep: true })
const cached = await measure(whole, [], 'shed') // first: what is asked below takes the place of what was kept
const full = await measure(whole, [])
const rows: [string, Awaited<ReturnType<typeof measure>>][] = [
  ['full', full],
  ['partial (one source down)', await measure(whole, ['source-down'])],
  ['partial (every index down)', await measure(whole, ['index-down'])],
  ['degraded (no fine ranker)', await measure(whole, ['ranker-down'])],
  ['degraded (no online features)', await measure(whole, ['features-down'])],
  ['by hand (no trained ranker)', await measure(whole, ['ranker-down', 'degraded-down'])],
  ['coarse', await measure(whole, ['features-down', 'degraded-down'])],
  ['coarse by hand', await measure(whole, ['coarse-down', 'features-down', 'degraded-down'])],
  ['retrieval', await byRetrieval(whole)],
  ['cached', cached],
]
const away = await platform('100ms', { storeDown: true })
rows.push(['degraded (no store)', await measure(away, [])])
rows.push(['fine (no store)', await measure(away, ['degraded-down'])])
rows.push(['by hand (no store)', await measure(away, ['degraded-down', 'ranker-down'])])
rows.push(['popular', await measure(await platform('100ms'), [], 'shed')])
rows.push(['profile 50ms', await measure(await platform('50ms'), [])])

const table = new Table({ head: ['rung', 'seen as', 'worth', 'nDCG@20'] })
const shown = (r: ReturnType<typeof ratio>) =>
  `${(100 * r.value).toFixed(1)} % (${(100 * r.low).toFixed(1)} - ${(100 * r.high).toFixed(1)})`
const report = rows.map(([name, { worths, rungs }]) => {
  const value = ratio(worths, full.worths, 'value')
  const ndcg = ratio(worths, full.worths, 'ndcg')
  table.push([name, Object.keys(rungs).join(', '), shown(value), shown(ndcg)])
  return { name, rungs, value, ndcg }
})
console.log(`${users} users, ${items} items, ${viewers.length} viewers asked, home, ${LIMIT} items`)
console.log(table.toString())
/** What to write into the configuration: no rung is worth more than all of it, and figures are rounded down. */
function figure(...names: readonly string[]): number {
  const values = names.map((name) => report.find((row) => row.name === name)?.value.value ?? Number.NaN)
  return Math.min(1, Math.floor(100 * Math.min(...values)) / 100)
}
const quality = {
  partial: figure('partial (one source down)'),
  degraded: figure('degraded (no fine ranker)'),
  ...{ coarse: figure('coarse'), retrieval: figure('retrieval'), cached: figure('cached'), popular: figure('popular') },
  withoutFeatures: {
    partial: figure('fine (no store)'),
    degraded: figure('degraded (no online features)', 'degraded (no store)'),
  },
  byHand: { degraded: figure('by hand (no trained ranker)'), coarse: figure('coarse by hand') },
}
console.log(`for the configuration, as measured here:\n  ladder: ${JSON.stringify({ quality }, undefined, 2)}`)
const models = Object.fromEntries(whole.models.map(({ model, version }) => [model ?? '', version ?? 'none']))
console.log(`models: ${JSON.stringify(models)}`)
const { user, system } = process.cpuUsage(began)
console.log(
  `full against the best slate there is: worth ${mean(full.worths, 'value')}, nDCG@20 ${mean(full.worths, 'ndcg')}; ${((user + system) / 1e6).toFixed(0)} s of processor`,
)
mkdirSync('bench/out', { recursive: true })
writeFileSync(join('bench/out', 'rungs.json'), JSON.stringify({ users, items, models, report }, undefined, 2))

function mean(worths: readonly Worth[], name: keyof Worth): string {
  return (worths.reduce((sum, worth) => sum + worth[name], 0) / worths.length).toFixed(3)
}
