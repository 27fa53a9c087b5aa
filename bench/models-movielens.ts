/**
 * What the ranking models learn from MovieLens-1M: at each moment of a user's sequence, the next item against 4 negatives
 * drawn by popularity; the last 5 items of each user are the test, judged once at the end. Items are known by their id
 * alone. Prints AUC and per-request AUC with intervals, and writes bench/out/models-movielens.json.
 *
 *     SLUICE_DATASETS=FOLDER node scripts/run.js bench/models-movielens.ts [models] [steps] [seeds]
 *
 * Models by comma; `bst:2` is BST with two blocks. With several seeds it ends with the mean AUC of each model and its
 * difference to DIN, with intervals (95 %, Student's t over seeds). The file is written after each run.
 *
 * FOLDER/ml-1m/ml-1m.sequences.txt holds one user a line: number, tab, items in the order of time.
 */
import fs from 'node:fs'
import { join } from 'node:path'
import { Random } from '../src/foundation/base/index.ts'
import { Alias, Dataset, HEADS, headNames, SAMPLES_SCHEMA, type SampleChunk } from '../src/stream/samples/index.ts'
import { noFacts } from '../src/learning/models/index.ts'
import { type RankingConfig, type RecipeName, trainRanker } from '../src/learning/training/index.ts'

const [models = 'wdl,din,bst,bst-isolated', steps = '8000', seeds = '1'] = process.argv.slice(2)
const folder = process.env['SLUICE_DATASETS'] ?? '../shared/data'
const file = join(folder, 'ml-1m', 'ml-1m.sequences.txt')
const HISTORY = 20
const NEGATIVES = 4
const TEST = 5
/** Requests of 5 candidates: 255 examples in a step, as near to 256 as they come. */
const REQUESTS = 51
const CHUNK = 20_000

if (!fs.existsSync(file)) {
  console.log(`skipped: ${file} is not there`)
  process.exit(0)
}

interface Case {
  readonly user: number
  /** Place of the item that came next. */
  readonly place: number
}

const sequences = fs
  .readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => Uint32Array.from((line.split('\t')[1] as string).split(' '), Number))
const items = sequences.reduce((most, sequence) => Math.max(most, ...sequence), 0) + 1

/** Requests of cases, in order; `at` counts seconds by the case, so that the split by time is the order. */
function datasetOf(cases: readonly Case[], seed: string): Dataset {
  const counts = new Float64Array(items)
  for (const sequence of sequences) for (const item of sequence.subarray(0, -TEST)) counts[item]++
  const popular = new Alias(counts)
  const random = new Random(seed)
  const chunks: SampleChunk[] = []
  for (let first = 0; first < cases.length; first += CHUNK) {
    const part = cases.slice(first, first + CHUNK)
    chunks.push(chunkOf(part, first, popular, random))
  }
  const header = { schema: SAMPLES_SCHEMA, featureNames: [], featureDigest: 'none', heads: headNames }
  return new Dataset({ ...header, kinds: ['consumed'], surfaces: [''], attributionMs: 0, returnMs: 0, seed }, chunks)
}

function chunkOf(cases: readonly Case[], first: number, popular: Alias, random: Random): SampleChunk {
  const n = cases.length * (1 + NEGATIVES)
  const lengths = cases.map(({ place }) => Math.min(HISTORY, place))
  const entries = lengths.reduce((a, b) => a + b, 0)
  const requests = {
    user: Int32Array.from(cases, ({ user }) => user),
    at: Float64Array.from(cases, (_, i) => (first + i) * 1000),
    surface: new Uint8Array(cases.length),
    origin: new Uint8Array(cases.length).fill(2),
    place: new Float64Array(cases.length),
    impressionEnd: Uint32Array.from(cases, (_, i) => (i + 1) * (1 + NEGATIVES)),
    historyEnd: new Uint32Array(cases.length),
    nearEnd: new Uint32Array(cases.length),
  }
  const impressions = {
    item: new Uint32Array(n),
    position: new Int16Array(n).fill(-1),
    propensity: new Float32Array(n),
    explored: new Uint8Array(n),
    weight: new Float32Array(n).fill(1),
    known: new Uint8Array(n).fill(1), // the click alone
    labels: new Float32Array(n * HEADS),
    features: new Float32Array(0),
  }
  const histories = {
    item: new Uint32Array(entries),
    ago: new Float32Array(entries),
    kind: new Uint8Array(entries),
    completion: new Float32Array(entries).fill(-1),
  }
  let end = 0
  for (const [i, { user, place }] of cases.entries()) {
    const sequence = sequences[user] as Uint32Array
    const length = lengths[i] as number
    histories.item.set(sequence.subarray(place - length, place), end)
    end += length
    requests.historyEnd[i] = end
    const from = i * (1 + NEGATIVES)
    impressions.item[from] = sequence[place] as number
    impressions.labels[from * HEADS] = 1
    for (let k = 1; k <= NEGATIVES; k++) {
      let item = popular.draw(random)
      for (let tries = 0; sequence.includes(item) && tries < 50; tries++) item = popular.draw(random)
      impressions.item[from + k] = item
    }
  }
  return { requests, impressions, histories, nears: { item: new Uint32Array(0) } }
}

/** Train cases by lot, as many as the steps need; a few for validation; every user's last ones for the test. */
function casesOf(seed: string): {
  cases: Case[]
  split: { train: Uint32Array; validation: Uint32Array; test: Uint32Array }
} {
  const all: Case[] = []
  const test: Case[] = []
  for (const [user, sequence] of sequences.entries()) {
    for (let place = 1; place < sequence.length; place++)
      (place < sequence.length - TEST ? all : test).push({ user, place })
  }
  const validationCount = 5000
  const wanted = Math.min(all.length - validationCount, Number(steps) * REQUESTS)
  new Random(`${seed} cases`).shuffle(all)
  const cases = [...all.slice(0, wanted + validationCount), ...test]
  const range = (from: number, to: number) => Uint32Array.from({ length: to - from }, (_, i) => from + i)
  return {
    cases,
    split: {
      train: range(0, wanted),
      validation: range(wanted, wanted + validationCount),
      test: range(wanted + validationCount, cases.length),
    },
  }
}

const config: Partial<RankingConfig> = {
  ...{ history: HISTORY, width: 32, requests: REQUESTS, impressions: 1 + NEGATIVES, epochs: 1, patience: 0 },
  ...{ headWeights: { click: 1 }, positionDropout: 0, weightDecay: 0, denseRate: 1e-3, tableRate: 0.05, admission: 1 },
}
/** DIN and WDL know no order; the moments are all alike here. */
const positions: Readonly<Record<string, string>> = { wdl: 'time', din: 'time', dlrm: 'time' }

interface Row {
  readonly model: string
  readonly seed: number
  readonly auc: number
}

const rows: (Row & object)[] = []
for (let seed = 1; seed <= Number(seeds); seed++) {
  const { cases, split } = casesOf(String(seed))
  const samples = datasetOf(cases, String(seed))
  for (const model of models.split(',')) rows.push(await judged(model, seed, samples, split))
}
for (const model of models.split(',')) {
  const own = aucs(model)
  const din = aucs('din')
  const above =
    model !== 'din' && din.length === own.length
      ? `, above din ${overSeeds(own.map((x, i) => x - (din[i] as number)))}`
      : ''
  console.log(`${model}: AUC ${overSeeds(own)}${above}`)
}

async function judged(model: string, seed: number, samples: Dataset, split: ReturnType<typeof casesOf>['split']) {
  const [recipe, blocks] = model.split(':') as [RecipeName, string | undefined]
  const network = { positions: positions[recipe] ?? 'order', ...(blocks && { blocks: Number(blocks) }) }
  const { user, system } = process.cpuUsage()
  const run = await trainRanker({
    recipe,
    samples,
    facts: noFacts,
    split,
    config: { ...config, network, seed: String(seed) },
    expectations: { emptyDaysMax: Number.POSITIVE_INFINITY, duplicatesMax: 1 },
  })
  const spent = process.cpuUsage({ user, system })
  const { auc, gauc, logloss } = run.metrics['click'] as (typeof run.metrics)[string]
  const say = (figure: typeof auc) =>
    figure && `${figure.value.toFixed(4)} [${figure.low?.toFixed(4)}, ${figure.high?.toFixed(4)}]`
  const cpu = (spent.user + spent.system) / 1e6
  console.log(
    `${model} seed ${seed}: AUC ${say(auc)}, per request ${say(gauc)}, ${run.examples} examples, ${Math.round(cpu)} s of CPU`,
  )
  const row = {
    model,
    seed,
    auc: auc?.value ?? Number.NaN,
    intervals: { auc, gauc, logloss },
    examples: run.examples,
    cpu,
  }
  fs.mkdirSync('bench/out', { recursive: true })
  fs.writeFileSync('bench/out/models-movielens.json', `${JSON.stringify([...rows, row], null, 2)}\n`)
  return row
}

function aucs(model: string): number[] {
  return rows.filter((row) => row.model === model).map(({ auc }) => auc)
}

/** Mean with the half width of its 95 % interval. */
function overSeeds(values: readonly number[]): string {
  const n = values.length
  const mean = values.reduce((a, b) => a + b, 0) / n
  if (n < 2) return mean.toFixed(4)
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1))
  const t = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26][n - 2] ?? 2
  return `${mean.toFixed(4)} +- ${((t * deviation) / Math.sqrt(n)).toFixed(4)}`
}
