/**
 * What the two towers reach on the journal of a data folder (made by `sluice import`, or a world), ranking the whole
 * catalogue, seen items removed. Writes bench/out/two-tower-PART.json.
 *
 *     node scripts/run.js bench/two-tower.ts DATA default [seeds] [epochs]     the last item of each user is asked for
 *     node scripts/run.js bench/two-tower.ts DATA negatives [seeds] [epochs]   kinds of negatives, logQ on and off
 *     node scripts/run.js bench/two-tower.ts DATA cold [seeds] [epochs]        items nobody has consumed: a lot of the
 *                                                                              catalogue is hidden from training
 *
 * BLOCKS=0 trains without attention over the history: a third of the time.
 */
import fs from 'node:fs'
import { Random } from '../src/foundation/base/index.ts'
import { completeConfig, Kinds } from '../src/domain/index.ts'
import type { Estimate } from '../src/judging/metrics/index.ts'
import { openReader } from '../src/app/ingest/journal.ts'
import { type RetrievalData, retrievalData } from '../src/app/learn/retrieval-data.ts'
import { historyAt, type RequestFacts } from '../src/learning/models/index.ts'
import {
  ranksByScores,
  type RetrievalCases,
  type RetrievalMetrics,
  retrievalMetrics,
  trainTwoTower,
  twoTowerRecipe,
} from '../src/learning/training/index.ts'
import { State } from '../src/stream/catalog/index.ts'
import type { Entry } from '../src/stream/events/index.ts'
import { Histories } from '../src/stream/features/index.ts'

const [folder = '', part = 'default', seeds = '1', epochs = '5'] = process.argv.slice(2)
/** Share of the catalogue that is hidden from training, and entries of history that a viewer who is asked must have. */
const COLD_SHARE = 0.05
const COLD_HISTORY = 5
const { history } = twoTowerRecipe
const blocks = Number(process.env['BLOCKS'] ?? twoTowerRecipe.network.blocks)
const config = completeConfig()
const log = await openReader(folder)
const kinds = () => new Kinds(config.events.kinds)
const read = (replay: () => Iterable<Entry>): RetrievalData =>
  retrievalData(replay, kinds(), { history, surfaces: Object.keys(config.surfaces), surface: 'home', seed: '1' })

type Choices = NonNullable<Parameters<typeof trainTwoTower>[0]['config']>
const figures = ['ndcg@10', 'recall@10', 'recall@100', 'headRecall100', 'tailRecall100', 'newRecall100'] as const

function train(data: RetrievalData, pool: Uint32Array, test: RetrievalCases, choices: Choices, seed: number) {
  const none = new Uint32Array(0)
  return trainTwoTower({
    ...{ samples: data.samples, facts: data.facts, catalogue: data.catalogue, pool },
    split: { train: data.train, validation: none, test: none },
    cases: { validation: data.cases.validation, test },
    expectations: { emptyDaysMax: Number.POSITIVE_INFINITY, duplicatesMax: 1, positivesOnly: true },
    config: { ...choices, network: { blocks }, epochs: Number(epochs), patience: 2, seed: String(seed) },
  })
}

/** Mean over seeds with the interval of the t law, 95 %; of one seed, its own interval over users. */
function over(runs: readonly RetrievalMetrics[], figure: (typeof figures)[number]): string {
  const values = runs.flatMap((run) => (run[figure] === null ? [] : [run[figure] as Estimate]))
  if (values.length === 0) return '-'
  const n = values.length
  const mean = values.reduce((sum, { value }) => sum + value, 0) / n
  if (n === 1) return `${mean.toFixed(3)} (${values[0]?.low?.toFixed(3)}-${values[0]?.high?.toFixed(3)})`
  const deviation = Math.sqrt(values.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / (n - 1))
  const t = [0, 12.71, 4.3, 3.18, 2.78][n - 1] ?? 2.2
  return `${mean.toFixed(3)} +- ${((t * deviation) / Math.sqrt(n)).toFixed(3)}`
}

const rows: object[] = []
function show(name: string, runs: readonly RetrievalMetrics[], seconds = 0): void {
  const text = figures.map((figure) => `${figure} ${over(runs, figure)}`).join('  ')
  console.log(
    `${name.padEnd(18)} ${text}  ${runs[0]?.cases} cases${seconds ? `, ${Math.round(seconds)} s CPU each` : ''}`,
  )
  rows.push({ name, runs, seconds })
}

async function variants(data: RetrievalData, pool: Uint32Array, test: RetrievalCases, all: Record<string, Choices>) {
  for (const [name, choices] of Object.entries(all)) {
    const runs: RetrievalMetrics[] = []
    const began = process.cpuUsage()
    for (let seed = 1; seed <= Number(seeds); seed++) runs.push((await train(data, pool, test, choices, seed)).metrics)
    const { user, system } = process.cpuUsage(began)
    show(name, runs, (user + system) / 1e6 / runs.length)
  }
}

function popularity(data: RetrievalData, test: RetrievalCases): void {
  const counts = new Float64Array(data.state.items.size)
  for (const number of data.train) for (const item of data.samples.request(number).items) counts[item]++
  const ranks = ranksByScores(test, data.catalogue, (item) => counts[item] ?? 0)
  show('popularity', [retrievalMetrics(test, ranks, counts)])
}

const mixes: Record<string, Choices> = {
  'mixed, logQ': {},
  'mixed, no logQ': { logQ: false },
  'in-batch, logQ': { uniform: 0 },
  'in-batch, no logQ': { uniform: 0, logQ: false },
  'uniform only': { inBatch: false, uniform: 511 },
}

/** The first hidden item that each viewer consumed, asked for with the history of that moment. */
function coldCases(hidden: ReadonlySet<string>): RetrievalCases {
  const state = new State(kinds())
  const histories = state.add(new Histories())
  const requests = new Map<number, { request: RequestFacts; wanted: number; seen: Uint32Array }>()
  for (const entry of log.replay()) {
    if (entry.type !== 'event' || !hidden.has(entry.event.item ?? '')) {
      state.apply(entry)
      continue
    }
    const { user, item, at } = entry.event
    const row = user === undefined ? -1 : state.users.ids.find(user)
    if (row < 0 || requests.has(row) || histories.length(row) < COLD_HISTORY) continue
    const past = historyAt(histories, row, at, history)
    const seen = histories.consumed.view(row).slice()
    requests.set(row, {
      request: { user: row, at, surface: 0, history: past },
      wanted: state.items.ids.find(item ?? ''),
      seen,
    })
  }
  const all = [...requests.values()]
  return {
    wanted: Uint32Array.from(all, ({ wanted }) => wanted),
    users: Int32Array.from(all, ({ request }) => request.user),
    request: (index) => (all[index] as (typeof all)[number]).request,
    seen: (index) => all[index]?.seen ?? [],
  }
}

if (part === 'cold') {
  const random = new Random('cold')
  const ids: string[] = []
  for (const entry of log.replay()) if (entry.type === 'item') ids.push(entry.item.id)
  const hidden = new Set(ids.filter(() => random.chance(COLD_SHARE)))
  const data = read(function* () {
    for (const entry of log.replay()) if (entry.type !== 'event' || !hidden.has(entry.event.item ?? '')) yield entry
  })
  const known = data.catalogue.filter((row) => !hidden.has(data.state.items.ids.name(row)))
  const test = coldCases(hidden)
  const chance = 100 / data.catalogue.length
  console.log(`${hidden.size} of ${data.catalogue.length} items hidden; recall@100 by chance ${chance.toFixed(3)}`)
  popularity(data, test)
  const dropouts = { 'ids hidden 0 %': 0, 'ids hidden 10 %': 0.1, 'ids hidden 30 %': 0.3 }
  await variants(
    data,
    known,
    test,
    Object.fromEntries(Object.entries(dropouts).map(([name, idDropout]) => [name, { idDropout }])),
  )
} else {
  const data = read(() => log.replay())
  popularity(data, data.cases.test)
  await variants(data, data.catalogue, data.cases.test, part === 'negatives' ? mixes : { 'two towers': {} })
}
fs.mkdirSync('bench/out', { recursive: true })
fs.writeFileSync(
  `bench/out/two-tower-${part}.json`,
  `${JSON.stringify({ folder, seeds, epochs, blocks, rows }, null, 2)}\n`,
)
