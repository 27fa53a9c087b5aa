/**
 * Retrieval of the top 1000 from a million vectors: inverted files beside the exact scan and, when the package `usearch` is
 * installed, beside its HNSW graph, in one process, one thread. Vectors lie in clusters of zipf sizes nested in wider ones, of
 * length 1; queries are as viewers send them, mixes of three interests with noise (items as queries flatter every index).
 * Then the same for vectors as two towers make them, with cells as they lie and with cells made for those who ask. Run:
 *
 *     npm run bench bench/vectors.ts
 *
 * ITEMS, DIM and QUERIES set the sizes; USEARCH=0 leaves the graph out, EXPANSION_ADD sets how widely it is built. Times are of the processor. Writes bench/out/vectors.json.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import { Random } from '../src/foundation/base/index.ts'
import { buildIvf, ExactIndex, openIndex, recallOf, truthOf } from '../src/serving/vectors/index.ts'
import { graphRows, type Row } from './peers/usearch.ts'
import { towers } from './vectors/towers.ts'

const ITEMS = Number(process.env['ITEMS'] ?? 1_000_000)
const DIM = Number(process.env['DIM'] ?? 64)
const QUERIES = Number(process.env['QUERIES'] ?? 200)
const K = 1000
const CLUSTERS = 1000
const WIDER = 50
const CHANGES = 20_000
/** Viewers that cells are made for. */
const ASKING = 384

const clock = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

interface World {
  readonly vectors: Float32Array
  readonly centres: Float32Array[]
  cluster(random: Random): number
}

/** Clusters around wider clusters; the r-th cluster is drawn in proportion to 1 / r. */
function world(): World {
  const random = new Random('vectors')
  const noisy = (of: Float32Array, noise: number) => unit(of.map((x) => x + random.normal(0, noise / Math.sqrt(DIM))))
  const wide = Array.from({ length: WIDER }, () => unit(Float32Array.from({ length: DIM }, () => random.normal())))
  const centres = Array.from({ length: CLUSTERS }, () => noisy(random.pick(wide), 0.8))
  const sums = new Float64Array(CLUSTERS)
  for (let r = 0, sum = 0; r < CLUSTERS; r++) sums[r] = sum += 1 / (r + 1)
  const cluster = (from: Random) => {
    const drawn = from.next() * sums[CLUSTERS - 1]
    return sums.findIndex((sum) => drawn < sum)
  }
  const vectors = new Float32Array(ITEMS * DIM)
  for (let i = 0; i < ITEMS; i++) vectors.set(noisy(centres[cluster(random)] as Float32Array, 0.6), i * DIM)
  return { vectors, centres, cluster }
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  return vector.map((x) => x / length)
}

function viewers({ centres, cluster }: World, count: number): Float32Array {
  const random = new Random('viewers')
  const queries = new Float32Array(count * DIM)
  for (let q = 0; q < count; q++) {
    const mix = new Float32Array(DIM)
    for (let i = 0; i < 3; i++) {
      const share = random.between(0.3, 1)
      centres[cluster(random)]?.forEach((x, d) => {
        mix[d] += share * x
      })
    }
    queries.set(unit(unit(mix).map((x) => x + random.normal(0, 0.3 / Math.sqrt(DIM)))), q * DIM)
  }
  return queries
}

/** Processor milliseconds of each query: median and 99th percentile, and of all of them the mean. */
function timed(count: number, work: (q: number) => void): { p50: number; p99: number; mean: number } {
  for (let q = 0; q < Math.min(20, count); q++) work(q)
  const times: number[] = []
  const began = clock()
  for (let q = 0; q < count; q++) {
    const start = performance.now()
    work(q)
    times.push(performance.now() - start)
  }
  const mean = (clock() - began) / count
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(share * (count - 1))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99), mean }
}

const made = world()
const { vectors } = made
const rows = Uint32Array.from({ length: ITEMS }, (_, i) => i)
const queries = viewers(made, QUERIES)
const queryAt = (q: number) => queries.subarray(q * DIM, (q + 1) * DIM)
const truth = await truthOf(rows, vectors, queries, DIM, K)

const results: Row[] = []

const exactBegan = clock()
const exact = new ExactIndex(DIM)
for (let i = 0; i < ITEMS; i++) exact.upsert(i, vectors.subarray(i * DIM, (i + 1) * DIM))
const exactSeconds = (clock() - exactBegan) / 1000
const few = Math.min(40, QUERIES)
const exactTimes = timed(few, (q) => exact.search(queryAt(q), K))
results.push({
  what: 'exact float32',
  buildSeconds: exactSeconds,
  bytesPerItem: exact.bytes / ITEMS,
  ...{ p50: exactTimes.p50, p99: exactTimes.p99, cpuMs: exactTimes.mean },
  recall: recallOf(exact, queries.subarray(0, few * DIM), truth.slice(0, few)),
})

const ivfBegan = clock()
const wallBegan = performance.now()
const ivf = await buildIvf({ dim: DIM, rows, vectors })
const ivfSeconds = (clock() - ivfBegan) / 1000
const ivfWall = (performance.now() - wallBegan) / 1000
const tuned = ivf.probes
for (const probes of [...new Set([16, 32, 64, tuned, tuned * 2])].sort((a, b) => a - b)) {
  ivf.probes = probes
  const times = timed(QUERIES, (q) => ivf.search(queryAt(q), K))
  results.push({
    what: `inverted file, ${probes} of ${ivf.shape.cells} cells${probes === tuned ? ' (tuned)' : ''}`,
    buildSeconds: ivfSeconds,
    bytesPerItem: ivf.bytes / ITEMS,
    ...{ p50: times.p50, p99: times.p99, cpuMs: times.mean },
    recall: recallOf(ivf, queries, truth),
  })
}
ivf.probes = tuned
if (process.env['USEARCH'] !== '0')
  results.push(...(await graphRows({ vectors, dim: DIM, queries, truth, k: K, times: timed })))

const table = new Table({ head: ['top 1000', 'build CPU s', 'bytes per item', 'p50 ms', 'p99 ms', 'CPU ms', 'recall'] })
for (const { what, buildSeconds, bytesPerItem, p50, p99, cpuMs, recall } of results)
  table.push([
    what,
    buildSeconds.toFixed(1),
    bytesPerItem.toFixed(0),
    ...[p50, p99, cpuMs].map((ms) => ms.toFixed(2)),
    recall.toFixed(4),
  ])
console.log(`${ITEMS} x ${DIM}, ${QUERIES} queries of viewers`)
console.log(table.toString())
console.log(`the inverted file took ${ivfWall.toFixed(1)} s by the clock`)
const by = (name: string) => results.find(({ what }) => what.includes(name))?.p50 ?? Number.NaN
console.log(`tuned, it is ${(by('exact') / by('(tuned)')).toFixed(1)} times faster than the exact scan`)

const forAsking: object[] = []
{
  const { vectors: items, queries: all } = towers(ITEMS, ASKING + QUERIES, DIM)
  const [asking, fresh] = [all.subarray(0, ASKING * DIM), all.subarray(ASKING * DIM)]
  const wanted = await truthOf(rows, items, fresh, DIM, K)
  const byCells = new Table({ head: ['vectors of towers', 'build CPU s', 'cells read', 'p50 ms', 'CPU ms', 'recall'] })
  for (const [what, options] of [
    ['cells as they lie', {}],
    ['cells for those who ask', { queries: asking }],
  ] as const) {
    const began = clock()
    const index = await buildIvf({ dim: DIM, rows, vectors: items }, options)
    const built = (clock() - began) / 1000
    const chosen = index.probes
    for (const probes of [...new Set([16, 32, 64, 128, 256, chosen])].sort((a, b) => a - b)) {
      index.probes = probes
      const { p50, mean } = timed(QUERIES, (q) => index.search(fresh.subarray(q * DIM, (q + 1) * DIM), K))
      const recall = recallOf(index, fresh, wanted)
      forAsking.push({ what, built, probes, chosen, p50, cpuMs: mean, recall })
      const cells = `${probes} of ${index.shape.cells}${probes === chosen ? ' (tuned)' : ''}`
      byCells.push([what, built.toFixed(1), cells, p50.toFixed(2), mean.toFixed(2), recall.toFixed(4)])
    }
  }
  console.log(byCells.toString())
}

/** Filters that let a random share through, against the exact answer among the allowed. */
const filtered: object[] = []
const byShare = new Table({
  head: ['allowed', 'found of 1000', 'p50 ms', 'p99 ms', 'CPU ms', 'recall', 'exact p50 ms'],
})
for (const share of [0.5, 0.1, 0.01, 0.001]) {
  const random = new Random(`allow ${share}`)
  const allowed = new Uint8Array(ITEMS)
  for (let i = 0; i < ITEMS; i++) if (random.chance(share)) allowed[i] = 1
  const allow = (row: number) => allowed[row] === 1
  const asked = Math.min(20, QUERIES)
  let found = 0
  let wanted = 0
  let hits = 0
  for (let q = 0; q < asked; q++) {
    const best = new Set(exact.search(queryAt(q), K, { allow }).rows)
    const got = ivf.search(queryAt(q), K, { allow }).rows
    found += got.length
    wanted += best.size
    for (const row of got) if (best.has(row)) hits++
  }
  const times = timed(asked * 3, (q) => ivf.search(queryAt(q % asked), K, { allow }))
  const slow = timed(asked, (q) => exact.search(queryAt(q), K, { allow }))
  filtered.push({ share, found: found / asked, ...times, recall: hits / wanted, exact: slow.p50 })
  byShare.push([
    `${share * 100} %`,
    (found / asked).toFixed(0),
    ...[times.p50, times.p99, times.mean].map((ms) => ms.toFixed(2)),
    (hits / wanted).toFixed(4),
    slow.p50.toFixed(2),
  ])
}
console.log(byShare.toString())

/** Changes, one at a time, and what they do to a search. */
const random = new Random('changes')
const news = Array.from({ length: CHANGES }, () => {
  const centre = made.centres[made.cluster(random)] as Float32Array
  return unit(centre.map((x) => x + random.normal(0, 0.6 / Math.sqrt(DIM))))
})
const rate = (work: () => void) => {
  const began = clock()
  work()
  return (CHANGES / (clock() - began)) * 1000
}
const insertRate = rate(() => {
  for (const [i, vector] of news.entries()) ivf.upsert(ITEMS + i, vector)
})
const first = news.every((vector, i) => i % 100 !== 0 || ivf.search(vector, 1).rows[0] === ITEMS + i)
const astray = ivf.astray
const after = timed(QUERIES, (q) => ivf.search(queryAt(q), K))
const deleteRate = rate(() => {
  for (let i = 0; i < CHANGES; i++) ivf.remove(ITEMS + i)
})
const folder = mkdtempSync(join(tmpdir(), 'vectors-bench-'))
const path = join(folder, 'index')
const saveBegan = clock()
ivf.save(path, 'bench/1')
const saveMs = clock() - saveBegan
const openBegan = clock()
const opened = openIndex(path, 'bench/1')
const openMs = clock() - openBegan
const file = statSync(path).size
const same = opened.search(queryAt(0), K).rows.every((row, i) => row === ivf.search(queryAt(0), K).rows[i])
rmSync(folder, { recursive: true, force: true })
console.log(
  `${Math.round(insertRate)} inserts/s, each found at once: ${first}; ${(astray * 100).toFixed(2)} % then in the delta, a search ${after.p50.toFixed(2)} ms; ${Math.round(deleteRate)} deletes/s`,
)
console.log(
  `saved in ${saveMs.toFixed(0)} ms, opened and checked in ${openMs.toFixed(0)} ms, ${(file / 1e6).toFixed(1)} MB, equal: ${same}`,
)
console.log(`${cpus()[0]?.model}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`)
mkdirSync('bench/out', { recursive: true })
writeFileSync(
  'bench/out/vectors.json',
  JSON.stringify(
    { results, forAsking, filtered, insertRate, deleteRate, astray, saveMs, openMs, load: loadavg()[0] },
    null,
    2,
  ),
)
