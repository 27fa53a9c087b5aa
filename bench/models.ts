/**
 * What the ranking models cost on one thread, in processor time of this process (other processes may be busy):
 * - training: examples per second through the whole step (inputs, gather, graph, Adam, scatter, Adagrad), one candidate
 *   per request against many candidates of one request;
 * - serving: scoring 200 candidates with one copy of the history per candidate, against candidate isolation.
 *
 *     node scripts/run.js bench/models.ts [train|serve|all]
 *
 * Random data. Prints tables and writes bench/out/models.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import Table from 'cli-table3'
import { Random } from '../src/foundation/base/index.ts'
import { emitModel, initialParameters, Session, sizeOf, type Values } from '../src/learning/graph/index.ts'
import { bstMasked } from '../src/learning/models/bst.ts'
import { bstIsolated } from '../src/learning/models/bst-isolated.ts'
import {
  AGES,
  buildRanker,
  type FeatureSpec,
  fitFeatureSpec,
  HOURS,
  type ItemFacts,
  type Ranker,
  SHARES,
} from '../src/learning/models/index.ts'
import { maskedWeights } from '../src/learning/models/testing/masked-weights.ts'
import { completeConfig, RankingLearner, type RecipeName } from '../src/learning/training/index.ts'
import { type RankingBatch, HEADS, headNames } from '../src/stream/samples/index.ts'

const [what = 'all'] = process.argv.slice(2)
const COLUMNS = 52
const ITEMS = 20_000
const facts: ItemFacts = { creator: (item) => item % 997, categories: (item) => [item % 41] }
const sizes = [
  { history: 20, width: 32 },
  { history: 50, width: 64 },
] as const

function specOf(history: number, width: number): FeatureSpec {
  const random = new Random('spec')
  const names = Array.from({ length: COLUMNS }, (_, i) => `${['item', 'user', 'creator', 'affinity'][i % 4]}.x${i}`)
  const block = Float32Array.from({ length: COLUMNS * 500 }, () => random.normal())
  const source = { featureNames: names, featureDigest: 'bench', heads: headNames, kinds: ['click', 'watch'] }
  return fitFeatureSpec({ ...source, surfaces: ['', 'home'] }, [block], { history, width })
}

function batchOf(requests: number, impressions: number, history: number): RankingBatch {
  const random = new Random(`${requests} ${impressions}`)
  const n = requests * impressions
  const integers = (length: number, below: number) => Int32Array.from({ length }, () => random.int(below))
  return {
    shape: { requests, impressions, history },
    count: requests,
    request: Int32Array.from({ length: requests }, (_, i) => i),
    user: integers(requests, 5000),
    at: new Float64Array(requests).fill(1e12),
    surface: new Uint8Array(requests).fill(1),
    historyItem: integers(requests * history, ITEMS),
    historyAgo: Float32Array.from({ length: requests * history }, () => 3600 * random.next()),
    historyKind: new Uint8Array(requests * history),
    historyCompletion: new Float32Array(requests * history).fill(0.5),
    historyMask: new Float32Array(requests * history).fill(1),
    item: integers(n, ITEMS),
    position: new Int16Array(n),
    propensity: new Float32Array(n),
    weight: new Float32Array(n).fill(1),
    labels: Float32Array.from({ length: n * HEADS }, () => (random.chance(0.2) ? 1 : 0)),
    labelWeights: new Float32Array(n * HEADS).fill(1),
    features: Float32Array.from({ length: n * COLUMNS }, () => random.normal()),
  }
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function examplesPerSecond(
  recipe: RecipeName,
  size: (typeof sizes)[number],
  requests: number,
  impressions: number,
): Promise<number> {
  const config = completeConfig(recipe, { ...size, requests, impressions, admission: 1 })
  const learner = await RankingLearner.open(specOf(size.history, size.width), config, facts)
  const batch = batchOf(requests, impressions, size.history)
  for (let step = 1; step <= 3; step++) await learner.learn(batch, step, 1)
  const began = cpuMs()
  let steps = 0
  while (cpuMs() - began < 1500 || steps < 5) await learner.learn(batch, ++steps, 1)
  const spent = cpuMs() - began
  await learner.close()
  return (1000 * steps * requests * impressions) / spent
}

async function train(): Promise<object[]> {
  const rows: object[] = []
  for (const size of sizes) {
    const shapes = [
      [256, 1],
      [64, 4],
      [32, 8],
      [16, 16],
      [32, 32],
    ] as const
    const table = new Table({
      head: [
        `T=${size.history} d=${size.width}`,
        'per example',
        ...shapes.slice(1).map(([r, k]) => `${r} x ${k}`),
        'gain',
      ],
    })
    for (const recipe of ['wdl', 'din', 'dlrm', 'bst', 'bst-isolated', 'coarse'] as const) {
      const speeds: number[] = []
      for (const [requests, impressions] of shapes)
        speeds.push(await examplesPerSecond(recipe, size, requests, impressions))
      table.push([
        recipe,
        ...speeds.map((speed) => `${(speed / 1000).toFixed(1)}k/s`),
        `${((speeds.at(-1) as number) / (speeds[0] as number)).toFixed(1)}x`,
      ])
      rows.push({ recipe, ...size, shapes, examplesPerSecond: speeds.map(Math.round) })
    }
    console.log(table.toString())
  }
  return rows
}

/** Feeds of one request with `candidates`, without what a table would give: random vectors. */
function feedsOf({ g, inputs }: Ranker): Record<string, Values> {
  const random = new Random('serving')
  const below: Readonly<Record<string, number>> = {
    ...{ 'history.age': AGES, 'history.share': SHARES, 'history.kind': inputs.spec.kinds, hour: HOURS },
    surface: inputs.spec.surfaces,
  }
  return Object.fromEntries(
    g.inputs.map(({ source, shape, dtype }) => {
      const name = 'name' in source ? source.name : ''
      const length = sizeOf(shape)
      if (dtype === 'int32') return [name, Int32Array.from({ length }, () => random.int(below[name] ?? 1))]
      if (name === 'history.mask' || name === 'present') return [name, new Float32Array(length).fill(1)]
      return [name, Float32Array.from({ length }, () => 0.5 * random.normal())]
    }),
  )
}

async function timed(ranker: Ranker, weights: Float32Array, feeds: Record<string, Values>) {
  const session = await Session.open(emitModel(ranker.g, { logits: ranker.logits }, { weights }))
  let logits = new Float32Array(0)
  for (let i = 0; i < 20; i++) logits = (await session.run(feeds))['logits'] as Float32Array<ArrayBuffer>
  const spent: number[] = []
  for (let i = 0; i < 300; i++) {
    const began = cpuMs()
    await session.run(feeds)
    spent.push(cpuMs() - began)
  }
  await session.close()
  spent.sort((a, b) => a - b)
  return { logits, p50: spent[150] as number, p99: spent[297] as number }
}

async function serve(): Promise<object[]> {
  const shapes = [
    { history: 20, width: 32, candidates: 200 },
    { history: 50, width: 32, candidates: 200 },
    { history: 50, width: 64, candidates: 200 },
    { history: 50, width: 64, candidates: 1000 },
  ]
  const table = new Table({ head: ['p50 / p99 ms', 'copies', 'isolated', 'gain', 'largest difference'] })
  const rows: object[] = []
  for (const { history, width, candidates } of shapes) {
    const spec = specOf(history, width)
    const shape = { requests: 1, candidates }
    const isolated = buildRanker(bstIsolated, spec, shape)
    const masked = buildRanker(bstMasked, spec, shape)
    const weights = initialParameters(isolated.g, 'serving')
    const feeds = feedsOf(isolated)
    const a = await timed(isolated, weights, feeds)
    const b = await timed(masked, maskedWeights(isolated, weights, masked), feeds)
    const difference = a.logits.reduce((most, x, i) => Math.max(most, Math.abs(x - (b.logits[i] as number))), 0)
    const say = ({ p50, p99 }: typeof a) => `${p50.toFixed(2)} / ${p99.toFixed(2)}`
    const name = `T=${history} d=${width}, ${candidates}`
    table.push([name, say(b), say(a), `${(b.p50 / a.p50).toFixed(1)}x`, difference.toExponential(1)])
    rows.push({ history, width, candidates, copies: [b.p50, b.p99], isolated: [a.p50, a.p99], difference })
  }
  console.log(table.toString())
  return rows
}

/** Requests scored together in one call, by request: what would waiting for another one gain? */
async function together(): Promise<object[]> {
  const table = new Table({ head: ['requests in a call', 'p50 ms of a request', 'p99 ms', 'against one alone'] })
  const spec = specOf(50, 64)
  const rows: { requests: number; p50: number; p99: number }[] = []
  for (const requests of [1, 2, 4, 8]) {
    const ranker = buildRanker(bstIsolated, spec, { requests, candidates: 200 })
    const { p50, p99 } = await timed(ranker, initialParameters(ranker.g, 'serving'), feedsOf(ranker))
    rows.push({ requests, p50: p50 / requests, p99: p99 / requests })
  }
  const alone = rows[0] as (typeof rows)[number]
  for (const { requests, p50, p99 } of rows)
    table.push([requests, p50.toFixed(2), p99.toFixed(2), (p50 / alone.p50).toFixed(2)])
  console.log(table.toString())
  return rows
}

const result = {
  cpu: cpus()[0]?.model,
  node: process.version,
  ...(what !== 'serve' && { train: await train() }),
  ...(what !== 'train' && { serve: await serve(), together: await together() }),
}
mkdirSync('bench/out', { recursive: true })
writeFileSync('bench/out/models.json', `${JSON.stringify(result, null, 2)}\n`)
