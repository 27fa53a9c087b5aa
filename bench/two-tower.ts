/**
 * What the two towers reach on the journal of a data folder (made by `sluice import`, or a world): the last item of each
 * user is asked for, the whole catalogue is ranked, seen items are removed.
 *
 *     node scripts/run.js bench/two-tower.ts DATA [variants] [seeds] [epochs]
 */
import fs from 'node:fs'
import { completeConfig, Kinds } from '../src/domain/index.ts'
import type { Estimate } from '../src/judging/metrics/index.ts'
import { openReader } from '../src/app/ingest/journal.ts'
import { retrievalData } from '../src/app/learn/retrieval-data.ts'
import {
  ranksByScores,
  type RetrievalMetrics,
  retrievalMetrics,
  trainTwoTower,
} from '../src/learning/training/index.ts'

const [data = '', names = 'default', seeds = '1', epochs = '10'] = process.argv.slice(2)
const say = (e: Estimate | null) => (e ? e.value.toFixed(4) : '-')
const log = await openReader(data)
const config = completeConfig()
const history = 50
const t0 = performance.now()
const given = retrievalData(() => log.replay(), new Kinds(config.events.kinds), {
  history,
  surfaces: Object.keys(config.surfaces),
  surface: 'home',
  seed: '1',
})
console.log(
  'read',
  Math.round(performance.now() - t0),
  'ms',
  given.train.length,
  'examples',
  given.catalogue.length,
  'items',
)
function show(name: string, m: RetrievalMetrics, more = '') {
  console.log(
    `${name.padEnd(28)} ndcg@10 ${say(m['ndcg@10'])} r@10 ${say(m['recall@10'])} r@100 ${say(m['recall@100'])} head ${say(m.headRecall100)} tail ${say(m.tailRecall100)} new ${say(m.newRecall100)} ${more}`,
  )
}
const counts = new Float64Array(given.state.items.size)
for (const n of given.train) for (const item of given.samples.request(n).items) counts[item]++
const popular = ranksByScores(given.cases.test, given.catalogue, (item) => counts[item] as number)
show('popularity', retrievalMetrics(given.cases.test, popular, counts))
type Config = NonNullable<Parameters<typeof trainTwoTower>[0]['config']>
const variants: Record<string, Config> = JSON.parse(
  names === 'default' ? '{"default":{}}' : fs.readFileSync(names, 'utf8'),
)
for (const [name, choices] of Object.entries(variants)) {
  for (let seed = 1; seed <= Number(seeds); seed++) {
    const began = process.cpuUsage()
    const run = await trainTwoTower({
      samples: given.samples,
      facts: given.facts,
      catalogue: given.catalogue,
      split: { train: given.train, validation: new Uint32Array(0), test: new Uint32Array(0) },
      cases: given.cases,
      pool: given.catalogue,
      expectations: { emptyDaysMax: Number.POSITIVE_INFINITY, duplicatesMax: 1, positivesOnly: true },
      config: { history, epochs: Number(epochs), patience: 3, ...choices, seed: String(seed) },
      onProgress: ({ phase, epoch, loss, metrics }) => {
        if (phase === 'validate' && process.env['VERBOSE'])
          console.log(
            `   ${epoch} loss ${loss.toFixed(3)} ndcg ${say(metrics?.['ndcg@10'] ?? null)} r100 ${say(metrics?.['recall@100'] ?? null)}`,
          )
      },
    })
    const { user, system } = process.cpuUsage(began)
    show(name, run.metrics, `epoch ${run.bestEpoch} ${Math.round((user + system) / 1e6)} s cpu`)
  }
}
