/**
 * What retrieval costs: folding events into the indexes, milliseconds per source, bytes per item, seconds of a build of
 * the sparse linear model and its longest slice - beside a naive item-kNN in Maps, in the same process. Run:
 *
 *     npx esbuild bench/retrieval.ts --bundle --platform=node --format=esm --packages=external --outfile=bench/out/retrieval.mjs
 *     node --expose-gc bench/out/retrieval.mjs
 *
 * ITEMS, USERS and EVENTS set the size. Writes bench/out/retrieval.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import Table from 'cli-table3'
import { DAY, Deadline, Random, systemClock } from '../src/foundation/base/index.ts'
import { completeConfig, type Event, type Item, Kinds, type SurfaceConfig } from '../src/domain/index.ts'
import { State } from '../src/stream/catalog/index.ts'
import { Histories } from '../src/stream/features/index.ts'
import type { Query } from '../src/serving/pipeline/index.ts'
import { createSources, type SourceName } from '../src/serving/retrieval/index.ts'

const ITEMS = Number(process.env['ITEMS'] ?? 100_000)
const USERS = Number(process.env['USERS'] ?? 50_000)
const EVENTS = Number(process.env['EVENTS'] ?? 1_000_000)
const READS = 2000
const SLICE_MS = 4
const GENRES = 40
const COUNTRIES = ['AT', 'DE', 'FR', 'US', 'JP']
const START = Date.UTC(2026, 0, 1)
const SPAN = 30 * DAY
const NOW = START + SPAN

/** Rows drawn so that low ones are popular: about 1 / rank. */
const popular = (random: Random, count: number) => Math.min(count - 1, Math.floor(count ** random.next()) - 1)

function itemOf(random: Random, i: number): Item {
  const words = Array.from({ length: 4 }, () => `word${popular(random, 30_000)}`).join(' ')
  return {
    id: `item-${i}`,
    title: `${words} genre${i % GENRES}`,
    description: Array.from({ length: 25 }, () => `word${popular(random, 30_000)}`).join(' '),
    creator: `creator-${popular(random, Math.max(2, ITEMS / 20))}`,
    categories: [`genre${i % GENRES}`, `genre${random.int(GENRES)}`],
    tags: [`tag${popular(random, 2000)}`, `tag${popular(random, 2000)}`],
    language: random.pick(['en', 'de', 'fr']),
    published: START + SPAN * (i / ITEMS) - (i % 3) * 10 * DAY,
  }
}

/** A user keeps to two genres most of the time; two fifths of the events are impressions. */
function eventOf(random: Random, i: number): Event {
  const user = popular(random, USERS * 4) % USERS
  const genre = random.chance(0.8) ? (user * (1 + random.int(2))) % GENRES : random.int(GENRES)
  const item = Math.min(ITEMS - 1, popular(random, Math.ceil(ITEMS / GENRES)) * GENRES + genre)
  const at = START + Math.floor((i / EVENTS) * SPAN)
  const kind = random.chance(0.4) ? 'impression' : random.pick(['click', 'watch', 'watch', 'like'])
  const completion = kind === 'watch' ? { completion: random.next() } : {}
  const place = COUNTRIES[user % COUNTRIES.length] as string
  return {
    id: `e${i}`,
    kind,
    user: `user-${user}`,
    item: `item-${item}`,
    country: place,
    at,
    receivedAt: at,
    ...completion,
  }
}

function percentiles(times: number[]): { p50: number; p99: number } {
  const sorted = times.sort((a, b) => a - b)
  return { p50: sorted[sorted.length >> 1] ?? 0, p99: sorted[Math.floor(sorted.length * 0.99)] ?? 0 }
}

function heldBytes(): number {
  ;(globalThis as { gc?: () => void }).gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function foldAll(apply: (event: Event) => void): number {
  const random = new Random('events')
  let ms = 0
  for (let from = 0; from < EVENTS; from += 50_000) {
    const chunk = Array.from({ length: Math.min(50_000, EVENTS - from) }, (_, i) => eventOf(random, from + i))
    const begin = performance.now()
    for (const event of chunk) apply(event)
    ms += performance.now() - begin
  }
  return EVENTS / (ms / 1000)
}

// --- ours -----------------------------------------------------------------------------------------------------------
const config = completeConfig()
const state = new State(new Kinds())
const histories = state.add(new Histories())
const { sources, indexes } = createSources({ state, features: { histories }, config: config.retrieval })
const itemRandom = new Random('items')
const documents = Array.from({ length: ITEMS }, (_, i) => itemOf(itemRandom, i))
let begin = performance.now()
for (const item of documents) state.apply({ type: 'item', item, at: item.published as number })
const itemsPerSecond = ITEMS / ((performance.now() - begin) / 1000)
for (let u = 0; u < USERS; u++) {
  const user = {
    id: `user-${u}`,
    country: COUNTRIES[u % 5] as string,
    age: 15 + (u % 50),
    follows: [`creator-${u % 500}`],
  }
  state.apply({ type: 'user', at: START, user })
}
const eventsPerSecond = foldAll((event) => state.apply({ type: 'event', event }))

begin = performance.now()
let slices = 0
let longestSlice = 0
for (let done = false; !done; slices++) {
  const start = performance.now()
  done = indexes.slim.step(SLICE_MS, systemClock).done
  longestSlice = Math.max(longestSlice, performance.now() - start)
}
const slimSeconds = (performance.now() - begin) / 1000
const memory: Record<string, number> = { ...state.memory(), slim: indexes.slim.bytes }

const plan = config.surfaces['home'] as SurfaceConfig
function queryOf(random: Random, n: number, name: SourceName): Query {
  const row = state.users.ids.find(`user-${popular(random, USERS * 4) % USERS}`)
  return {
    id: `slate-${n}`,
    surface: 'home',
    plan,
    viewer: {
      row,
      id: undefined,
      personal: histories.length(row) > 0,
      historyLength: histories.length(row),
      age: 30,
      band: 3,
      country: state.users.country.array[row],
      language: 0,
      creator: -1,
    },
    at: NOW + n, // lists are made anew every 500 of these
    limit: 20,
    item: name === 'following' || (name === 'similar' && n % 2 === 0) ? popular(random, ITEMS) : -1,
    text: name === 'lexical' ? `word${popular(random, 30_000)} word${popular(random, 30_000)}` : '',
    device: '',
    excluded: [],
    shown: new Set(),
    offset: 0,
    rule: undefined,
    waitedMs: 0,
    deadline: new Deadline(systemClock, 100),
    random: (purpose) => new Random(`slate-${n}:${purpose}`),
  }
}

const limits: Partial<Record<string, number>> = {}
for (const surface of Object.values(config.surfaces))
  for (const [name, use] of Object.entries(surface.sources)) limits[name] = Math.max(limits[name] ?? 0, use.limit)

const perSource: { source: SourceName; limit: number; given: number; p50: number; p99: number }[] = []
for (const name of Object.keys(sources) as SourceName[]) {
  const random = new Random(`reads ${name}`)
  const times: number[] = []
  let given = 0
  for (let n = 0; n < READS; n++) {
    const query = queryOf(random, n, name)
    const start = performance.now()
    const list = await sources[name].retrieve(query, limits[name] ?? 100, query.deadline)
    const took = performance.now() - start
    given += list.rows.length
    if (n >= READS / 10) times.push(took)
  }
  perSource.push({ source: name, limit: limits[name] ?? 100, given: given / READS, ...percentiles(times) })
}

// --- the baseline: item-kNN in Maps, unbounded, no order, no decay -----------------------------------------------------
const emptyBytes = heldBytes()
const naive = new Map<string, Map<string, number>>()
const naiveUsers = new Map<string, number>()
const naiveHistories = new Map<string, string[]>()
const naiveEvents = foldAll(({ kind, user, item }) => {
  if (kind === 'impression' || user === undefined || item === undefined) return
  const history = naiveHistories.get(user) ?? []
  naiveHistories.set(user, history)
  if (history.includes(item)) return
  naiveUsers.set(item, (naiveUsers.get(item) ?? 0) + 1)
  for (const other of history.slice(-50)) {
    for (const [a, b] of [
      [item, other],
      [other, item],
    ] as const) {
      const row = naive.get(a) ?? new Map<string, number>()
      naive.set(a, row.set(b, (row.get(b) ?? 0) + 1))
    }
  }
  history.push(item)
})
const naiveBytes = heldBytes() - emptyBytes
const naiveTimes: number[] = []
const naiveRandom = new Random('reads covisit')
for (let n = 0; n < READS / 4; n++) {
  const user = `user-${popular(naiveRandom, USERS * 4) % USERS}`
  const start = performance.now()
  const scores = new Map<string, number>()
  for (const item of (naiveHistories.get(user) ?? []).slice(-50))
    for (const [other, count] of naive.get(item) ?? []) {
      const scale = Math.sqrt((naiveUsers.get(item) ?? 1) * (naiveUsers.get(other) ?? 1)) + 5
      scores.set(other, (scores.get(other) ?? 0) + count / scale)
    }
  ;[...scores].sort((a, b) => b[1] - a[1]).slice(0, 300)
  naiveTimes.push(performance.now() - start)
}

// --- the report ---------------------------------------------------------------------------------------------------------
const covisitBytes = memory['covisitation'] ?? 0
const report = {
  machine: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, node ${process.version}`,
  size: { items: ITEMS, users: USERS, events: EVENTS },
  fold: { eventsPerSecond, itemsPerSecond },
  slim: { seconds: slimSeconds, slices, sliceMs: SLICE_MS, longestSliceMs: longestSlice, bytes: indexes.slim.bytes },
  bytesPerItem: Object.fromEntries(Object.entries(memory).map(([name, bytes]) => [name, bytes / ITEMS])),
  sources: perSource,
  baseline: {
    eventsPerSecond: naiveEvents,
    bytesPerItem: naiveBytes / ITEMS,
    covisit: percentiles(naiveTimes),
    ours: { bytesPerItem: covisitBytes / ITEMS, covisit: perSource.find(({ source }) => source === 'covisit') },
  },
}
const table = new Table({ head: ['source', 'limit', 'given', 'p50 ms', 'p99 ms'] })
for (const { source, limit, given, p50, p99 } of perSource)
  table.push([source, limit, given.toFixed(0), p50.toFixed(3), p99.toFixed(3)])
table.push([
  '(item-kNN in Maps)',
  300,
  '',
  report.baseline.covisit.p50.toFixed(3),
  report.baseline.covisit.p99.toFixed(3),
])
console.log(table.toString())
const facts = new Table({ head: ['', 'here', 'item-kNN in Maps'] })
facts.push(
  ['events/s folded', Math.round(eventsPerSecond), Math.round(naiveEvents)],
  ['items/s put', Math.round(itemsPerSecond), ''],
  ['co-visitation, bytes per item', Math.round(covisitBytes / ITEMS), Math.round(naiveBytes / ITEMS)],
  ['slim build, seconds', slimSeconds.toFixed(2), ''],
  ['slim longest slice, ms', longestSlice.toFixed(1), ''],
)
for (const [name, bytes] of Object.entries(memory))
  facts.push([`${name}, bytes per item`, Math.round(bytes / ITEMS), ''])
console.log(facts.toString())
mkdirSync('bench/out', { recursive: true })
writeFileSync('bench/out/retrieval.json', `${JSON.stringify(report, null, 2)}\n`)
