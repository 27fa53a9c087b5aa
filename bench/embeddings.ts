/**
 * What embedding tables and optimisers cost: one training step's sparse work on a table of 1 M x 64 (rows drawn evenly,
 * the worst case: each is a miss of every cache) and of 12 k x 64 (all cached), Adam on 1 M dense weights, scores of
 * 100 k vectors, bytes per id and the time of saves and deltas - compiled kernels beside their TypeScript twin in the
 * same process, turn by turn. Times are of the processor, not of the wall: the tenth of the turns that is fastest, and
 * the median. Run:
 *
 *     npm run bench bench/embeddings.ts
 *
 * ROWS and IDS (0 leaves the memory part out) set the sizes. Writes bench/out/embeddings.json.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import { Random } from '../src/foundation/base/index.ts'
import {
  applyDelta,
  DenseVector,
  deltaSince,
  EmbeddingTable,
  type IdKind,
  type KernelKind,
  readSnapshot,
  type SparseOptimiser,
  type TableOptions,
  Vectors,
  writeSnapshot,
} from '../src/learning/embeddings/index.ts'

const ROWS = Number(process.env['ROWS'] ?? 1_000_000)
const IDS = Number(process.env['IDS'] ?? 10_000_000)
const OCCURRENCES = 12_800
const DISTINCT = 11_900
const PART = 100_000
const DIM = 64
const TURNS = 60

const kinds = ['wasm', 'twin'] as const satisfies KernelKind[]
type Times = Record<KernelKind, { fast: number; median: number }>
type Row = { what: string } & Times
const results: Row[] = []

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
const digest = (values: number[]) => {
  const sorted = values.sort((a, b) => a - b)
  return { fast: sorted[Math.floor(sorted.length / 10)], median: sorted[sorted.length >> 1] }
}

/** The processor time of each part, for both kinds, turn by turn. */
function measure(turns: number, parts: (kind: KernelKind) => Record<string, () => void>): void {
  const made = Object.fromEntries(kinds.map((kind) => [kind, parts(kind)])) as Record<
    KernelKind,
    ReturnType<typeof parts>
  >
  const times: Record<string, Record<KernelKind, number[]>> = {}
  for (let turn = 0; turn < turns + 5; turn++) {
    for (const kind of kinds) {
      for (const [what, run] of Object.entries(made[kind])) {
        const from = cpuMs()
        run()
        times[what] ??= { wasm: [], twin: [] }
        if (turn >= 5) times[what][kind].push(cpuMs() - from)
      }
    }
  }
  for (const [what, { wasm, twin }] of Object.entries(times)) {
    results.push({ what, wasm: digest(wasm), twin: digest(twin) })
  }
}

/** Row numbers as ids: about DISTINCT of OCCURRENCES differ, spread over the whole table. */
function batches(rows: number, count: number): Uint32Array[] {
  const random = new Random('batches')
  return Array.from({ length: count }, () => {
    const distinct = random.shuffle(Uint32Array.from({ length: rows }, (_, i) => i)).subarray(0, DISTINCT)
    const again = () => distinct[random.int(DISTINCT)]
    return Uint32Array.from({ length: OCCURRENCES }, (_, i) => (i < DISTINCT ? distinct[i] : again()))
  })
}

function filled(rows: number, options: Partial<TableOptions>): EmbeddingTable {
  const table = new EmbeddingTable({ name: 'bench', dim: DIM, ids: 'integer', ...options })
  for (let first = 0; first < rows; first += PART) {
    table.lookup(
      Uint32Array.from({ length: Math.min(PART, rows - first) }, (_, i) => first + i),
      0,
    )
  }
  return table
}

function sparse(size: number): void {
  const ids = batches(size, 8)
  const random = new Random('gradients')
  const gradients = Float32Array.from({ length: OCCURRENCES * DIM }, () => random.normal(0.01))
  const named = (what: string) => `${size} x ${DIM}: ${what}`
  measure(TURNS, (kernels) => {
    const table = filled(size, { optimiser: { kind: 'adagrad', rate: 0.05 }, kernels })
    const rowWise = filled(size, { optimiser: { kind: 'row-adagrad', rate: 0.05 }, kernels })
    const rows = new Uint32Array(OCCURRENCES)
    let turn = 0
    const find = () => void table.find(ids[turn++ % ids.length], rows)
    const gather = () => void table.gather(rows)
    const add = () => table.accumulate(rows, gradients)
    const step = () => table.step()
    return {
      [named('ids to rows')]: find,
      [named('gather')]: gather,
      [named('unique, copy and scatter-add')]: add,
      [named('check and Adagrad')]: step,
      [named('all of an Adagrad step')]: () => [find, gather, add, step].map((run) => run()),
      [named('apply, row-wise Adagrad')]: () => rowWise.apply(rows, gradients),
    }
  })
}

function dense(): void {
  const random = new Random('dense')
  const gradients = Float32Array.from({ length: 1_000_000 }, () => random.normal(0.01))
  measure(TURNS, (kernels) => {
    const vector = new DenseVector(1_000_000, { kernels })
    vector.gradients.set(gradients)
    return {
      'Adam on 1 M weights, check included': () => vector.step(),
      'its check alone': () => void vector.squares(),
    }
  })
  measure(TURNS, (kernels) => {
    const vectors = new Vectors(100_000, DIM, kernels)
    for (let first = 0; first < 100_000; first += 10_000) vectors.set(gradients.subarray(0, 10_000 * DIM), first)
    const out = new Float32Array(100_000)
    return { 'scores of 100 k vectors of 64': () => void vectors.scores(gradients.subarray(0, DIM), undefined, out) }
  })
}

interface Memory {
  ids: number
  of: string
  optimiser: string
  bytesPerId: number
  /** Of that the vector and the optimiser's state. */
  recordBytes: number
  residentPerId: number
  microsecondsPerNewId: number
  microsecondsPerFind: number
}

/** Bytes per id as the table counts them, and as a fresh process grew. */
function memory(count: number, kind: IdKind, optimiser: SparseOptimiser['kind']): Memory {
  const { stdout } = spawnSync(process.execPath, ['--expose-gc', process.argv[1], String(count), kind, optimiser])
  return JSON.parse(stdout.toString())
}

function measureMemory(count: number, kind: IdKind, optimiser: SparseOptimiser): Memory {
  const integers = new Uint32Array(PART)
  const idsFrom = (first: number) => {
    for (let i = 0; i < PART; i++) integers[i] = Math.imul(first + i, 0x9e3779b1) >>> 0
    return kind === 'integer' ? integers : Array.from(integers, (n) => `item-${n.toString(36).padStart(7, '0')}`)
  }
  globalThis.gc?.()
  const before = process.memoryUsage().rss
  const table = new EmbeddingTable({ name: 'memory', dim: 16, ids: kind, optimiser })
  const timed = (run: (ids: Uint32Array | string[]) => void): number => {
    let ms = 0
    for (let first = 0; first < count; first += PART) {
      const ids = idsFrom(first)
      const from = cpuMs()
      run(ids)
      ms += cpuMs() - from
    }
    return (ms * 1000) / count
  }
  const rows = new Uint32Array(PART)
  const microsecondsPerNewId = timed((ids) => void table.lookup(ids, 0, rows))
  globalThis.gc?.()
  const residentPerId = (process.memoryUsage().rss - before) / count
  const microsecondsPerFind = timed((ids) => void table.find(ids, rows))
  if (table.size !== count) throw new Error(`${table.size} ids instead of ${count}`)
  const { kind: name } = optimiser
  const bytesPerId = table.memory.perId
  const recordBytes = table.rows.records.stride
  return {
    ids: count,
    of: kind,
    optimiser: name,
    bytesPerId,
    recordBytes,
    residentPerId,
    microsecondsPerNewId,
    microsecondsPerFind,
  }
}

/** A serving copy of a table, and the delta of a minute that touched a hundredth of it. */
function saves() {
  const table = filled(ROWS, { dim: 16, optimiser: { kind: 'row-adagrad', rate: 0.05 } })
  const path = join(tmpdir(), `embeddings-bench-${process.pid}`)
  const timed = <T>(run: () => T): [T, number] => {
    const from = performance.now()
    return [run(), performance.now() - from]
  }
  const [written, writeMs] = timed(() => writeSnapshot(table, path))
  const [copy, readMs] = timed(() => readSnapshot(path))
  rmSync(path)
  const ids = Uint32Array.from({ length: ROWS / 100 }, (_, i) => i * 100)
  table.apply(table.lookup(ids, 0), new Float32Array(ids.length * 16).fill(0.1))
  const [delta, deltaMs] = timed(() => deltaSince(table, copy.version))
  const [, applyMs] = timed(() => applyDelta(copy, delta))
  return {
    rows: ROWS,
    snapshotBytes: written.bytes,
    writeMs,
    readMs,
    deltaRows: ids.length,
    deltaBytes: delta.length,
    deltaMs,
    applyMs,
  }
}

if (process.argv.length > 2) {
  const [count, kind, optimiser] = process.argv.slice(2)
  console.log(
    JSON.stringify(measureMemory(Number(count), kind as IdKind, { kind: optimiser, rate: 0.05 } as SparseOptimiser)),
  )
  process.exit()
}
const memories: Memory[] = []
if (IDS > 0) {
  memories.push(memory(IDS / 10, 'integer', 'row-adagrad'))
  memories.push(memory(IDS / 10, 'text', 'row-adagrad'))
  memories.push(memory(IDS, 'integer', 'row-adagrad'))
  memories.push(memory(IDS, 'integer', 'adagrad'))
}
sparse(12_000)
sparse(ROWS)
dense()
const files = saves()

const times = new Table({
  head: [`${OCCURRENCES} ids, ${DISTINCT} distinct`, 'WASM ms: fast', 'median', 'twin: fast', 'median', 'times'],
})
for (const { what, wasm, twin } of results) {
  const cells = [wasm.fast, wasm.median, twin.fast, twin.median].map((ms) => ms.toFixed(2))
  times.push([what, ...cells, (twin.median / wasm.median).toFixed(1)])
}
console.log(times.toString())
if (memories.length > 0) {
  const table = new Table({
    head: ['ids', 'of', 'dim 16 and', 'bytes/id', 'of it the record', 'resident/id', 'us/new id', 'us/find'],
  })
  for (const m of memories) {
    const rest = [m.bytesPerId, m.recordBytes, m.residentPerId].map((n) => n.toFixed(0))
    table.push([m.ids, m.of, m.optimiser, ...rest, m.microsecondsPerNewId.toFixed(2), m.microsecondsPerFind.toFixed(3)])
  }
  console.log(table.toString())
}
console.log(files)
mkdirSync('bench/out', { recursive: true })
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }
writeFileSync('bench/out/embeddings.json', `${JSON.stringify({ machine, times: results, memories, files }, null, 2)}\n`)
