/**
 * What training gains from what was served: a simulated platform serves its own slates to the world's users, and models
 * learn from them with and without near misses as negatives, and with weights by propensity. Prints tables and writes
 * bench/out/served-learning.json.
 *
 *     node scripts/run.js bench/served-learning.ts [SLATES] [SEEDS]   default 4000 slates, 2 seeds
 *
 * USERS, ITEMS and EVENTS set the size of the world. About five minutes of processor time.
 */
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import { createEngine, train } from '../src/app/index.ts'
import { completeConfig, defaultSurfaces, type ModelName, type SlateRequest } from '../src/domain/index.ts'
import { HOUR, manualClock } from '../src/foundation/base/index.ts'
import { createWorld, Visitors } from '../src/world/index.ts'

const [slates = '4000', seeds = '2'] = process.argv.slice(2)
const END = Date.UTC(2026, 0, 1)
const size = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise)
const users = size('USERS', 600)
const world = { users, items: size('ITEMS', 1500), events: size('EVENTS', users * 60) }
const surfaces = { home: { ...defaultSurfaces.home, limit: 8 } }
const data = fs.mkdtempSync(join(tmpdir(), 'sluice-bench-'))

/** The platform answers the world's users until so many slates were served; everything that came of them is in. */
async function serve(): Promise<void> {
  const clock = manualClock(END)
  const engine = createEngine({ data, config: completeConfig({ surfaces }), world, clock })
  await engine.open()
  const visitors = new Visitors(createWorld({ ...world, end: END }))
  for (let n = 0; n < Number(slates); n++) {
    const ask = visitors.ask()
    if (!ask) break
    const { user, surface, session, item, query } = ask
    clock.set(Math.max(clock.now(), ask.at))
    await engine.events(visitors.happened(clock.now()))
    const request: SlateRequest = { user, surface, session, ...(item && { item }), ...(query && { query }) }
    const { slate, items } = await engine.slate(request)
    visitors.see(ask, { slate, surface, items })
  }
  clock.advance(3 * HOUR)
  visitors.ask()
  await engine.events(visitors.happened(clock.now()))
  await engine.close()
  const { clicks, impressions, days } = visitors.report()
  console.log(`served ${slates} slates in ${days.toFixed(1)} days: ${impressions} impressions, ${clicks} clicks`)
}

interface Trial {
  readonly model: ModelName
  readonly name: string
  readonly learning: object
  readonly epochs: number
  readonly figures: readonly string[]
}
const towers = ['ndcg@10', 'recall@10', 'recall@100', 'head.recall@100', 'tail.recall@100']
const near = (hard: number): Trial => ({
  ...{ model: 'two-tower', name: `1 : 1 : ${hard}`, epochs: 8, figures: towers },
  learning: { negatives: { hard } },
})
const weighed = (inverseWeightMax: number): Trial => ({
  ...{ model: 'bst-isolated', name: `at most ${inverseWeightMax}`, epochs: 2 },
  figures: ['auc', 'gauc', 'logloss', 'ece', 'ndcg@10'],
  learning: { inverseWeightMax },
})
const trials: readonly Trial[] = [
  ...[0, 0.1, 0.5].map(near),
  ...[1, 5, 20].map(weighed),
  { ...weighed(1), name: 'without the log', learning: { served: false } },
]

await serve()
const found: object[] = []
for (const model of ['two-tower', 'bst-isolated'] as const) {
  const own = trials.filter((trial) => trial.model === model)
  const figures = own[0]?.figures ?? []
  const table = new Table({ head: [model, ...figures] })
  for (const { name, learning, epochs } of own) {
    const runs: Readonly<Record<string, number>>[] = []
    for (let seed = 1; seed <= Number(seeds); seed++) {
      const config = completeConfig({ surfaces, learning })
      const { metrics } = await train({ data, config, model, epochs, seed: String(seed) })
      fs.rmSync(join(data, 'models'), { recursive: true, force: true }) // nobody is held against the one before
      runs.push(metrics)
    }
    const mean = (figure: string) =>
      runs.reduce((sum, metrics) => sum + (metrics[figure] ?? Number.NaN), 0) / runs.length
    const spread = (figure: string) => runs.map((metrics) => metrics[figure] ?? Number.NaN)
    const cell = (figure: string) =>
      `${mean(figure).toFixed(4)} (${spread(figure)
        .map((x) => x.toFixed(3))
        .join(' ')})`
    table.push([name, ...figures.map(cell)])
    found.push({ model, name, runs })
    console.log(`${model}, ${name}: done`)
  }
  console.log(table.toString())
}
fs.rmSync(data, { recursive: true })
fs.mkdirSync('bench/out', { recursive: true })
fs.writeFileSync('bench/out/served-learning.json', `${JSON.stringify(found, null, 2)}\n`)
