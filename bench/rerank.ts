/**
 * What the end of the request path costs on one core: filters over 1000 candidates, fine score of 200, and the rerank
 * of 200 to 20 by DPP and MMR with caps, pins and lots - beside the same choices made naively, in O(k^2 n d), in the
 * same process, by turns. Run:
 *
 *     npm run bench bench/rerank.ts
 *
 * ITEMS and RUNS set the size. Writes bench/out/rerank.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import Table from 'cli-table3'
import { Deadline, manualClock, Random } from '../src/foundation/base/index.ts'
import { completeConfig, Kinds, type SurfaceConfig } from '../src/domain/index.ts'
import { State } from '../src/stream/catalog/index.ts'
import { Features } from '../src/stream/features/index.ts'
import { Candidates, checkOf, type ItemFacts, type Query } from '../src/serving/pipeline/index.ts'
import { createFilters } from '../src/serving/filters/index.ts'
import { bootstrapCoarse, bootstrapFine } from '../src/serving/ranking/index.ts'
import { createReranker } from '../src/serving/rerank/index.ts'

const ITEMS = Number(process.env['ITEMS'] ?? 50_000)
const RUNS = Number(process.env['RUNS'] ?? 2000)
const RETRIEVED = 1000
const RANKED = 200
const LIMIT = 20
const HISTORY = 1000
const SETS = 50
const NOW = Date.UTC(2026, 0, 30)

const config = completeConfig()
const home = config.surfaces['home'] as SurfaceConfig
const state = new State(new Kinds())
const features = new Features(state, config.ranking, Object.keys(config.surfaces))
const filters = createFilters(state, features.histories, config.policy)
const { items } = state

fillState(new Random('state'))
const facts: ItemFacts = {
  creatorOf: (row) => items.creator.array[row],
  categoriesOf: (row) => items.categoriesOf.view(row),
  similarity: (a, b) => features.vectors.similarity(a, b),
  similarities: (row, others, out) => features.vectors.similarities(row, others, out),
  fresh: (row) => row % 20 === 0,
}
const reranker = createReranker(facts)
const fine = bootstrapFine(config, features.names)
const coarse = bootstrapCoarse(config, (row) => features.itemPopularity(row))
const retrieved = Array.from({ length: SETS }, (_, i) => candidates(new Random(`set ${i}`), RETRIEVED))
const ranked = retrieved.map((set) => ranking(set.take(Array.from({ length: RANKED }, (_, i) => i))))
const documents = Array.from({ length: ITEMS }, (_, row) => items.document(row))

type Work = { name: string; run: (turn: number) => unknown }
const of = <T>(list: readonly T[], turn: number) => list[turn % list.length] as T
const rerankBy = (plan: Partial<SurfaceConfig>) => (turn: number) =>
  reranker.rerank(queryOf(turn, plan), of(ranked, turn), LIMIT, () => 0)

const works: Work[] = [
  { name: 'filters, 1000 candidates', run: (turn) => passing(turn) },
  { name: '  naive: objects and sets made per request', run: (turn) => naivePassing(turn) },
  {
    name: 'coarse score, 1000',
    run: (turn) => coarse.score(queryOf(turn), of(retrieved, turn), of(retrieved, turn).coarseScores),
  },
  { name: 'fine score, 200', run: (turn) => fine.score(queryOf(turn), of(ranked, turn), new Float32Array(RANKED)) },
  { name: 'rerank, DPP, window 10', run: rerankBy({ diversity: 'dpp' }) },
  { name: 'rerank, DPP, whole slate', run: rerankBy({ diversity: 'dpp', diversityWindow: 200 }) },
  { name: '  naive DPP', run: (turn) => naiveDpp(of(ranked, turn).rows) },
  { name: 'rerank, MMR, window 10', run: rerankBy({ diversity: 'mmr' }) },
  { name: '  naive MMR', run: (turn) => naiveMmr(of(ranked, turn).rows) },
  { name: 'rerank, no diversity', run: rerankBy({ diversity: 'none' }) },
]

const times = works.map(() => new Float64Array(RUNS))
const warmUp = Math.min(200, RUNS)
for (let turn = -warmUp; turn < RUNS; turn++) {
  works.forEach(({ run }, w) => {
    const begin = performance.now()
    run(turn + warmUp)
    if (turn >= 0) (times[w] as Float64Array)[turn] = performance.now() - begin
  })
}

const rows = works.map(({ name }, w) => {
  const sorted = (times[w] as Float64Array).sort()
  const at = (share: number) => Math.round((sorted[Math.floor(share * (RUNS - 1))] as number) * 10_000) / 10_000
  return { name, p50: at(0.5), p99: at(0.99), max: at(1) }
})
const table = new Table({ head: ['work', 'p50 ms', 'p99 ms', 'max ms'], style: { head: [] } })
for (const { name, p50, p99, max } of rows) table.push([name, p50.toFixed(3), p99.toFixed(3), max.toFixed(3)])
console.log(table.toString())
mkdirSync('bench/out', { recursive: true })
writeFileSync(
  'bench/out/rerank.json',
  JSON.stringify({ items: ITEMS, runs: RUNS, node: process.version, cpu: cpus()[0]?.model, rows }, null, 2),
)

function fillState(random: Random): void {
  for (let i = 0; i < ITEMS; i++) {
    const item = {
      id: `item-${i}`,
      creator: `creator-${random.int(Math.ceil(ITEMS / 20))}`,
      categories: [`category-${random.int(40)}`, `category-${random.int(40)}`],
      tags: Array.from({ length: 4 }, () => `tag-${random.int(500)}`),
      title: `word-${random.int(3000)} word-${random.int(3000)} word-${random.int(3000)}`,
      price: random.int(100),
      ...(random.chance(0.05) && { countries: ['DE', 'FR'] }),
      ...(random.chance(0.05) && { ageRating: 18 }),
      ...(random.chance(0.02) && { flags: ['blocked'] }),
      ...(random.chance(0.02) && { hidden: true }),
    }
    state.apply({ type: 'item', item, at: NOW - 1e9 })
  }
  state.apply({ type: 'user', user: { id: 'viewer', country: 'DE', age: 30 }, at: NOW - 1e9 })
  for (let i = 0; i < HISTORY; i++) {
    const at = NOW - 1e8 + i * 1000
    const event = { id: `e${i}`, kind: 'watch', user: 'viewer', item: `item-${random.int(ITEMS)}`, at, receivedAt: at }
    state.apply({ type: 'event', event })
  }
}

function candidates(random: Random, count: number): Candidates {
  const sources = Object.keys(home.sources)
  const set = new Candidates(sources, count)
  const rows = new Set<number>()
  while (rows.size < count) rows.add(random.int(ITEMS))
  set.rows.set([...rows])
  for (let i = 0; i < count; i++) set.sourceRanks[i * sources.length + random.int(sources.length)] = 1 + random.int(300)
  return set
}

function ranking(set: Candidates): Candidates {
  set.features = new Float32Array(set.count * features.names.length)
  const { viewer, at, surface, device } = queryOf(0)
  const { row: user, country, language } = viewer
  features.read({ user, at, surface, device, country, language }, set.rows, set.features)
  fine.score(queryOf(0), set, set.scores)
  return set.take(
    Array.from(set.rows.keys()).sort((a, b) => set.scores[b] - set.scores[a] || set.rows[a] - set.rows[b]),
  )
}

function queryOf(turn: number, plan: Partial<SurfaceConfig> = {}): Query {
  return {
    id: `${turn}`,
    surface: 'home',
    plan: { ...home, ...plan },
    viewer: {
      row: 0,
      id: 'viewer',
      personal: true,
      historyLength: 50,
      age: 30,
      band: 3,
      country: items.countries.find('DE'),
      language: -1,
      creator: -1,
    },
    at: NOW,
    limit: LIMIT,
    item: -1,
    text: '',
    device: '',
    excluded: [turn % ITEMS],
    shown: new Set(),
    offset: 0,
    rule: { field: 'price', max: 90 },
    waitedMs: 0,
    deadline: new Deadline(manualClock(), 100),
    random: (purpose) => new Random(`${turn} ${purpose}`),
  }
}

function passing(turn: number): number {
  const check = checkOf(filters, queryOf(turn))
  let count = 0
  for (const row of of(retrieved, turn).rows) if (check(row) === 0) count++
  return count
}

/** The same filters on records, with the viewer's history as a set that each request makes. */
function naivePassing(turn: number): number {
  const seen = new Set(features.histories.consumed.view(0))
  const excluded = new Set([turn % ITEMS])
  return Array.from(of(retrieved, turn).rows).filter((row) => {
    const item = documents[row]
    if (!item || item.hidden || seen.has(row) || excluded.has(row)) return false
    if (item.flags?.some((flag) => config.policy.blockedFlags.includes(flag))) return false
    if ((item.ageRating ?? 0) > 30 || (item.countries && !item.countries.includes('DE'))) return false
    return item.price !== undefined && item.price <= 90
  }).length
}

/** MMR that asks for every similarity anew at every step. */
function naiveMmr(rows: Uint32Array): number[] {
  return naively(rows, (row, i, picks) => {
    const closest = picks.reduce((most, pick) => Math.max(most, facts.similarity(row, rows[pick])), 0)
    return 0.7 * (1 - i / rows.length) - 0.3 * closest
  })
}

/** DPP that solves for every candidate from the start at every step. */
function naiveDpp(rows: Uint32Array): number[] {
  let factor: number[][] = []
  return naively(
    rows,
    (row, _, picks) =>
      1 -
      solve(
        factor,
        picks.map((pick) => facts.similarity(row, rows[pick])),
      ).reduce((s, x) => s + x * x, 0),
    (picks) => {
      factor = []
      for (const pick of picks) {
        const own = solve(
          factor,
          picks.slice(0, factor.length).map((other) => facts.similarity(rows[pick], rows[other])),
        )
        factor.push([...own, Math.sqrt(Math.max(1e-10, 1 - own.reduce((s, x) => s + x * x, 0)))])
      }
    },
  )
}

function solve(factor: readonly number[][], right: readonly number[]): number[] {
  const x: number[] = []
  factor.forEach((line, r) => {
    let value = right[r] as number
    for (let k = 0; k < r; k++) value -= (line[k] as number) * (x[k] as number)
    x.push(value / (line[r] as number))
  })
  return x
}

function naively(
  rows: Uint32Array,
  worth: (row: number, index: number, picks: readonly number[]) => number,
  picked: (picks: readonly number[]) => void = () => {},
): number[] {
  const picks: number[] = []
  while (picks.length < LIMIT) {
    let best = -1
    let most = Number.NEGATIVE_INFINITY
    for (let i = 0; i < rows.length; i++) {
      if (picks.includes(i)) continue
      const value = worth(rows[i], i, picks)
      if (value > most) [best, most] = [i, value]
    }
    picks.push(best)
    picked(picks)
  }
  return picks
}
