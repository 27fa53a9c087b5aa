/**
 * What streaming features cost: folding events, reading 200 rows x all columns, bytes per item and user - beside plain
 * counters in Maps of objects, in the same process. Run (the counters of memory need --expose-gc):
 *
 *     npx esbuild bench/features.ts --bundle --platform=node --format=esm --packages=external --outfile=bench/out/features.mjs
 *     node --expose-gc bench/out/features.mjs
 *
 * ITEMS, USERS and EVENTS set the size. Writes bench/out/features.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import Table from 'cli-table3'
import { HOUR, Random } from '../src/foundation/base/index.ts'
import { completeConfig, type Event, type Item, Kinds } from '../src/domain/index.ts'
import { State } from '../src/stream/catalog/index.ts'
import { Features } from '../src/stream/features/index.ts'

const ITEMS = Number(process.env['ITEMS'] ?? 100_000)
const USERS = Number(process.env['USERS'] ?? 50_000)
const EVENTS = Number(process.env['EVENTS'] ?? 1_000_000)
const CHUNK = 50_000
const ROWS = 200
const READS = 2000
const START = Date.UTC(2026, 0, 1)
const SPAN = 72 * HOUR

const kindShares = [
  ['impression', 0.7],
  ['click', 0.12],
  ['watch', 0.12],
  ['like', 0.03],
  ['share', 0.005],
  ['not-interested', 0.005],
  ['survey', 0.01],
  ['follow', 0.01],
] as const

/** Rows drawn so that low ones are popular: about 1 / rank. */
const popular = (random: Random, count: number) => Math.floor(count ** random.next()) - 1

function itemOf(random: Random, i: number): Item {
  return {
    id: `item-${i}`,
    title: `Title ${i} word-${random.int(5000)} word-${random.int(5000)}`,
    creator: `creator-${popular(random, Math.max(2, ITEMS / 20))}`,
    categories: [`category-${random.int(40)}`, `category-${random.int(40)}`],
    tags: [`tag-${random.int(2000)}`, `tag-${random.int(2000)}`, `tag-${random.int(2000)}`],
    language: random.pick(['en', 'de', 'fr']),
    duration: 10 + random.int(1000),
  }
}

function eventOf(random: Random, i: number): Event {
  let lot = random.next()
  const kind = (kindShares.find(([, share]) => (lot -= share) < 0) ?? kindShares[0])[0]
  const at = START + Math.floor((i / EVENTS) * SPAN)
  return {
    id: `e${i}`,
    kind,
    user: `user-${random.int(USERS)}`,
    item: `item-${Math.min(ITEMS - 1, popular(random, ITEMS))}`,
    ...(kind === 'watch' && { value: random.int(600) }),
    ...(kind === 'survey' && { value: 1 + random.int(5) }),
    ...(random.chance(0.5) && { country: random.pick(['AT', 'DE', 'FR', 'US']) }),
    at,
    receivedAt: at,
  }
}

/** The same events to both; events are made in chunks outside the timed part. */
function foldAll(apply: (event: Event) => void): { perSecond: number; worstChunk: number } {
  const random = new Random('events')
  let ms = 0
  let worst = 0
  for (let from = 0; from < EVENTS; from += CHUNK) {
    const chunk = Array.from({ length: Math.min(CHUNK, EVENTS - from) }, (_, i) => eventOf(random, from + i))
    const begin = performance.now()
    for (const event of chunk) apply(event)
    const took = performance.now() - begin
    ms += took
    worst = Math.max(worst, took / chunk.length)
  }
  return { perSecond: EVENTS / (ms / 1000), worstChunk: 1000 / worst }
}

function timed(read: (rows: Uint32Array, user: number) => void): { p50: number; p99: number } {
  const random = new Random('reads')
  const times: number[] = []
  for (let i = 0; i < READS; i++) {
    const rows = Uint32Array.from({ length: ROWS }, () => Math.min(ITEMS - 1, popular(random, ITEMS)))
    const user = random.int(USERS)
    const begin = performance.now()
    read(rows, user)
    if (i >= READS / 10) times.push(performance.now() - begin)
  }
  times.sort((a, b) => a - b)
  return { p50: times[times.length >> 1] ?? 0, p99: times[Math.floor(times.length * 0.99)] ?? 0 }
}

function heldBytes(): number {
  ;(globalThis as { gc?: () => void }).gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

// --- the catalogue without features: what the rest of a fold costs ------------------------------------------------------
const bare = new State(new Kinds())
const bareRandom = new Random('items')
for (let i = 0; i < ITEMS; i++) bare.apply({ type: 'item', item: itemOf(bareRandom, i), at: START - 24 * HOUR })
const catalogueOnly = foldAll((event) => bare.apply({ type: 'event', event }))

// --- ours -----------------------------------------------------------------------------------------------------------
const empty = heldBytes()
const state = new State(new Kinds())
const features = new Features(state, completeConfig().ranking)
const itemRandom = new Random('items')
const beforeItems = performance.now()
for (let i = 0; i < ITEMS; i++) state.apply({ type: 'item', item: itemOf(itemRandom, i), at: START - 24 * HOUR })
const itemsPerSecond = ITEMS / ((performance.now() - beforeItems) / 1000)
const catalogue = state.memory()
const ours = foldAll((event) => state.apply({ type: 'event', event }))
const oursBytes = heldBytes() - empty
const out = new Float32Array(ROWS * features.names.length)
const ask = { at: START + SPAN, surface: 'home', device: 'phone', country: 0, language: 0 }
const oursRead = timed((rows, user) => features.read({ ...ask, user }, rows, out))
const parts = Object.entries(state.memory()).filter(([name]) => name !== 'items' && name !== 'users')
const featureBytes = parts.reduce((sum, [, bytes]) => sum + bytes, 0)
const perUser = /^(user|affinity|fatigue|histories|sessions)/
const userBytes = parts.filter(([name]) => perUser.test(name)).reduce((sum, [, bytes]) => sum + bytes, 0)
const perDefinition = features.definitions.map((definition) => {
  const { p50 } = timed((rows, user) => definition.fill({ ...ask, user }, rows, out, features.names.length, 0))
  return { name: definition.name, columns: definition.dims.length, readMicroseconds: p50 * 1000 }
})

// --- the baseline: one object of counters per key, no decay, windows or late events -----------------------------------
interface Counters {
  impressions: number
  clicks: number
  watched: number
  watches: number
  likes: number
  last: number
}
const none: Counters = { impressions: 0, clicks: 0, watched: 0, watches: 0, likes: 0, last: 0 }
const byKey = new Map<string, Counters>()
const creators = new Map<string, string>()
const secondRandom = new Random('items')
for (let i = 0; i < ITEMS; i++) creators.set(`item-${i}`, itemOf(secondRandom, i).creator ?? '')
const beforeBaseline = heldBytes()
const count = (key: string, event: Event) => {
  let counters = byKey.get(key)
  if (!counters) byKey.set(key, (counters = { ...none }))
  if (event.kind === 'impression') counters.impressions++
  else if (event.kind === 'click') counters.clicks++
  else if (event.kind === 'like') counters.likes++
  else if (event.kind === 'watch') {
    counters.watches++
    counters.watched += event.value ?? 0
  }
  counters.last = event.at
}
const baseline = foldAll((event) => {
  const creator = creators.get(event.item ?? '') ?? ''
  count(`i:${event.item}`, event)
  count(`c:${creator}`, event)
  count(`u:${event.user}`, event)
  count(`u:${event.user}:i:${event.item}`, event)
  count(`u:${event.user}:c:${creator}`, event)
})
const baselineBytes = heldBytes() - beforeBaseline
const baselineRead = timed((rows, user) => {
  for (let i = 0; i < rows.length; i++) {
    const item = `item-${rows[i]}`
    const creator = creators.get(item) ?? ''
    let to = i * features.names.length
    for (const key of [
      `i:${item}`,
      `c:${creator}`,
      `u:user-${user}`,
      `u:user-${user}:i:${item}`,
      `u:user-${user}:c:${creator}`,
    ]) {
      const { impressions, clicks, watched, watches, likes } = byKey.get(key) ?? none
      for (const value of [impressions, clicks, watched, watches, likes]) out[to++] = value
    }
  }
})

const round = (value: number, digits = 0) => Number(value.toFixed(digits))
const report = {
  machine: `${cpus()[0]?.model ?? 'unknown'} x ${cpus().length}, Node ${process.version}`,
  items: ITEMS,
  users: USERS,
  events: EVENTS,
  columns: features.names.length,
  itemsPerSecond: round(itemsPerSecond),
  features: {
    eventsPerSecond: round(ours.perSecond),
    slowestChunkEventsPerSecond: round(ours.worstChunk),
    readMsP50: round(oursRead.p50, 4),
    readMsP99: round(oursRead.p99, 4),
    bytes: featureBytes,
    heapBytes: oursBytes,
    bytesPerItem: round((featureBytes - userBytes) / ITEMS),
    bytesPerUser: round(userBytes / USERS),
  },
  catalogueAloneEventsPerSecond: round(catalogueOnly.perSecond),
  baseline: {
    columns: 25,
    eventsPerSecond: round(baseline.perSecond),
    slowestChunkEventsPerSecond: round(baseline.worstChunk),
    readMsP50: round(baselineRead.p50, 4),
    readMsP99: round(baselineRead.p99, 4),
    heapBytes: baselineBytes,
  },
  catalogueBytes: { items: catalogue['items'], users: state.memory()['users'] },
  parts: Object.fromEntries(parts),
  definitions: perDefinition.map(({ readMicroseconds, ...rest }) => ({
    ...rest,
    readMicroseconds: round(readMicroseconds, 1),
  })),
}
mkdirSync('bench/out', { recursive: true })
writeFileSync('bench/out/features.json', `${JSON.stringify(report, null, 2)}\n`)

const table = new Table({ head: ['', 'columns', 'events/s', 'slowest 50k/s', 'read p50 ms', 'read p99 ms', 'MB'] })
for (const [name, row, columns] of [
  ['features', report.features, report.columns],
  ['Maps of objects', report.baseline, 25],
] as const) {
  const megabytes = round((name === 'features' ? featureBytes : baselineBytes) / 1e6, 1)
  table.push([
    name,
    columns,
    row.eventsPerSecond,
    row.slowestChunkEventsPerSecond,
    row.readMsP50,
    row.readMsP99,
    megabytes,
  ])
}
console.log(`${ITEMS} items, ${USERS} users, ${EVENTS} events over 72 h; read: ${ROWS} rows. ${report.machine}`)
console.log(table.toString())
console.log(
  `features: ${report.features.bytesPerItem} bytes per item, ${report.features.bytesPerUser} per user; items folded: ${report.itemsPerSecond}/s`,
)
console.log(
  perDefinition.map(({ name, readMicroseconds }) => `${name} ${readMicroseconds.toFixed(1)}`).join(', '),
  'us',
)
