/**
 * Slates by the learned rankers against slates by the bootstrap ranker, on a simulated world whose truth is known: what
 * the viewers would truly get. Prints a table with 95 % intervals over viewers and writes bench/out/learned-ranker.json.
 *
 *     node scripts/run.js bench/learned-ranker.ts [VIEWERS] [FINE] [EPOCHS]
 *
 * SEED names the world; USERS, ITEMS and EVENTS set its size (default: those of the default start).
 */
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import { createEngine } from '../src/app/index.ts'
import { LiveModels } from '../src/app/learn/live.ts'
import { trainModels } from '../src/app/learn/train.ts'
import { Workshop } from '../src/app/learn/workshop.ts'
import { hydrate } from '../src/app/serve/hydrate.ts'
import { completeConfig, defaultSurfaces, type ModelName } from '../src/domain/index.ts'
import { DAY, manualClock, Random } from '../src/foundation/base/index.ts'
import { bootstrapMean, pairedDifference } from '../src/judging/metrics/index.ts'
import { createWorld } from '../src/world/index.ts'

const [viewers = '1000', fine = 'bst-isolated', epochs] = process.argv.slice(2)
const END = Date.UTC(2026, 0, 1)
/** Items that the world's own screen holds. */
const SCREEN = 8
const sizes = Object.fromEntries(
  ['USERS', 'ITEMS', 'EVENTS'].flatMap((name) =>
    process.env[name] === undefined ? [] : [[name.toLowerCase(), Number(process.env[name])]],
  ),
)
const world = { seed: process.env['SEED'] ?? 'sluice', ...sizes }
const still = { explorationSlots: [], pinSlots: [], budgetMs: 60_000, retrievalMs: 60_000 }
const config = completeConfig({
  ranking: { fine },
  surfaces: { home: { ...defaultSurfaces.home, ...still } },
})
const kept = process.env['DATA']
const data = kept ?? fs.mkdtempSync(join(tmpdir(), 'sluice-bench-'))

const show = ({ value, low, high }: { value: number; low: number | null; high: number | null }, digits = 4) =>
  `${value.toFixed(digits)} [${low?.toFixed(digits) ?? '-'}, ${high?.toFixed(digits) ?? '-'}]`

if (!fs.existsSync(join(data, 'journal'))) {
  const engine = createEngine({ data, config, world, clock: manualClock(END) })
  await engine.open()
  await engine.close()
}
const cpu = () => process.cpuUsage().user / 1e6
const models = (process.env['MODELS']?.split(',') ?? [fine, 'coarse']) as ModelName[]
const trained: object[] = []
let began = cpu()
for await (const report of trainModels(models, { data, config, ...(epochs && { epochs: Number(epochs) }) })) {
  const { model, version, metrics, gates, promoted } = report
  const failed = gates.filter(({ pass }) => !pass).map(({ gate, say }) => `${gate}: ${say}`)
  console.log(
    `${model} ${version}: ${(cpu() - began).toFixed(0)} s of processor time${promoted ? '' : `, refused: ${failed}`}`,
  )
  for (const head of ['click', 'watch', 'satisfaction', 'report'])
    console.log(
      `  ${head}: ${['auc', 'gauc', 'logloss', 'ece', 'ndcg@10'].map((name) => `${name} ${metrics[`${head}.${name}`]?.toFixed(4)}`).join('  ')}`,
    )
  if (metrics['kept'] !== undefined)
    console.log(`  kept ${metrics['kept'].toFixed(4)} at a cut of ${metrics['cut']?.toFixed(1)}`)
  trained.push({ model, metrics, gates })
  began = cpu()
}

const workshop = new Workshop(data, config)
const { parts } = await workshop.material()
if (parts.indexes.slim.built === undefined) parts.build()
const live = new LiveModels(join(data, 'models'), parts.models)
await live.look()
const { coarse, fine: ranker } = parts.rankers
console.log(`in use: fine ${ranker.name}, coarse ${coarse.name}, sequence ${parts.sequence.version ?? 'none'}`)

const { truth } = createWorld({ ...world, end: END })
const { items: itemTruth } = truth.planted
const rowOf = (id: string) => Number(id.slice(1))
const random = new Random('viewers')
const active = Array.from({ length: parts.state.users.size }, (_, row) => row).filter(
  (row) => parts.histories.length(row) >= 3 && parts.histories.at(row, 0) > END - 14 * DAY,
)
const asked = random.shuffle(active).slice(0, Number(viewers))
const figures = ['gain', 'click', 'satisfaction', 'next episodes', 'out of order'] as const
type Figures = Record<(typeof figures)[number], number>

/** What a viewer truly gets of the first screen: sums over places, each looked at with its probability. */
function worthOf(user: number, rows: readonly number[]): Figures {
  const out: Figures = { gain: 0, click: 0, satisfaction: 0, 'next episodes': 0, 'out of order': 0 }
  let glad = 0
  rows.slice(0, SCREEN).forEach((item, position) => {
    const looked = truth.examination('home', position)
    const click = truth.clickProbability(user, item)
    out.click += looked * click
    out.gain += looked * truth.gain(user, item)
    glad += looked * click * truth.satisfaction(user, item)
    if (itemTruth.previous[item] >= 0) out[truth.ready(user, item) ? 'next episodes' : 'out of order'] += 1
  })
  out.satisfaction = out.click > 0 ? glad / out.click : 0
  return out
}

const ways: Record<string, (user: string, row: number) => Promise<number[]>> = {
  bootstrap: (user) => slateOf(user, false, false),
  'learned fine': (user) => slateOf(user, false, true),
  'learned coarse and fine': (user) => slateOf(user, true, true),
  'best of the candidates': async (user, row) => {
    const { rows } = await parts.pipeline.gather(queryOf(user))
    return Array.from(rows, idOf)
      .sort((a, b) => truth.gain(row, b) - truth.gain(row, a))
      .slice(0, SCREEN)
  },
  'best of the catalogue': async (_, row) => [...truth.bestItems(row, SCREEN).rows],
}
const idOf = (row: number) => rowOf(parts.state.items.ids.name(row))
const queryOf = (user: string) => hydrate(parts, { surface: 'home', user, limit: 20, seed: user }, 0)

async function slateOf(user: string, withCoarse: boolean, withFine: boolean): Promise<number[]> {
  const { picks, ranked } = await using(withCoarse, withFine).run(queryOf(user))
  return picks.map(({ index }) => idOf(ranked.rows[index]))
}

/** The pipeline with the trained models in their places or not. */
function using(withCoarse: boolean, withFine: boolean) {
  const hide = (hidden: boolean, of: object) =>
    hidden
      ? Object.defineProperty(of, 'version', { get: () => undefined, configurable: true })
      : delete (of as { version?: string }).version
  hide(!withCoarse, coarse)
  hide(!withFine, ranker)
  return parts.pipeline
}

const found: Record<string, Figures[]> = {}
const cpuMs: Record<string, number> = {}
for (const [name, slate] of Object.entries(ways)) {
  found[name] = []
  const before = process.cpuUsage()
  const slates: [number, number[]][] = []
  for (const row of asked) {
    const id = parts.state.users.ids.name(row)
    slates.push([rowOf(id), await slate(id, rowOf(id))])
  }
  const { user, system } = process.cpuUsage(before)
  cpuMs[name] = (user + system) / 1000 / asked.length
  for (const [row, rows] of slates) found[name].push(worthOf(row, rows))
}
using(true, true)
await live.stop()

const table = new Table({ head: ['slates by', ...figures, 'cpu ms'] })
const result: Record<string, object> = {}
for (const [name, all] of Object.entries(found)) {
  const estimates = figures.map((figure) => bootstrapMean(Float64Array.from(all, (one) => one[figure])))
  table.push([name, ...estimates.map((estimate) => (estimate ? show(estimate) : '-')), cpuMs[name]?.toFixed(2)])
  result[name] = Object.fromEntries(figures.map((figure, i) => [figure, estimates[i]]))
}
console.log(`${asked.length} viewers, first ${SCREEN} of home, expected values by the planted truth`)
console.log(table.toString())
for (const name of ['learned fine', 'learned coarse and fine']) {
  for (const figure of ['gain', 'click', 'satisfaction'] as const) {
    const of = (which: string) => Float64Array.from(found[which] ?? [], (one) => one[figure])
    const difference = pairedDifference(of(name), of('bootstrap'))
    console.log(`${name} above bootstrap, ${figure}: ${difference ? show(difference) : '-'}`)
    result[`${name} above bootstrap`] = { ...result[`${name} above bootstrap`], [figure]: difference }
  }
}
fs.mkdirSync('bench/out', { recursive: true })
fs.writeFileSync('bench/out/learned-ranker.json', `${JSON.stringify({ world, trained, result, cpuMs }, null, 2)}\n`)
if (kept === undefined) fs.rmSync(data, { recursive: true, force: true })
