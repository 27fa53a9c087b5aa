import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recallOf, type Truth } from '../../src/serving/vectors/index.ts'

/** What a bench of vectors prints of one index. */
export interface Row {
  readonly what: string
  readonly buildSeconds: number
  readonly bytesPerItem: number
  readonly p50: number
  readonly p99: number
  readonly cpuMs: number
  readonly recall: number
}

/** The part of usearch that is used here; it is no dependency. */
interface Usearch {
  readonly Index: new (
    options: object,
  ) => {
    add(keys: BigUint64Array, vectors: Float32Array, threads: number): void
    search(query: Float32Array, k: number, threads: number): { keys: BigUint64Array }
    save(path: string): void
    load(path: string): void
  }
}

export interface GraphGround {
  /** [items, dim]. */
  readonly vectors: Float32Array
  readonly dim: number
  readonly queries: Float32Array
  readonly truth: Truth
  readonly k: number
  times(count: number, work: (q: number) => void): { p50: number; p99: number; mean: number }
}

/** Keys are scrambled: runs of keys make its hash table slow. */
const SCRAMBLE = 0x9e37_79b9_7f4a_7c15n
/** Built with this expansion. */
const EXPANSION_ADD = Number(process.env['EXPANSION_ADD'] ?? 128)
/** Tried in turn at search, from its default on, until `ENOUGH` is recalled. Below `k` it takes `k`. */
const EXPANSIONS = [64, 1500, 2000, 3000, 4500, 7000, 10_000] as const
const ENOUGH = 0.95
const PART = 50_000

/**
 * HNSW graphs of the package `usearch`, when it is installed: each at the expansion it has by itself, and at wider ones until
 * it recalls as much as the inverted file is asked to, so that times are compared at equal recall.
 */
export async function graphRows(ground: GraphGround): Promise<Row[]> {
  const name = 'usearch'
  let usearch: Usearch
  try {
    usearch = (await import(name)) as Usearch
  } catch {
    console.log('usearch is not installed: no graph beside it (npm install --no-save usearch)')
    return []
  }
  return ['bf16', 'i8'].flatMap((quantization) => rowsOf(usearch, quantization, ground))
}

function rowsOf(
  { Index }: Usearch,
  quantization: string,
  { vectors, dim, queries, truth, k, times }: GraphGround,
): Row[] {
  const items = vectors.length / dim
  const count = queries.length / dim
  const keys = BigUint64Array.from({ length: items }, (_, i) => BigInt.asUintN(64, BigInt(i + 1) * SCRAMBLE))
  const rowOf = new Map(Array.from(keys, (key, i) => [key, i] as const))
  const empty = (expansion: number) =>
    new Index({
      ...{ metric: 'ip', dimensions: dim, connectivity: 16, quantization, multi: false },
      ...{ expansion_add: EXPANSION_ADD, expansion_search: expansion },
    })
  const folder = mkdtempSync(join(tmpdir(), 'usearch-bench-'))
  const path = join(folder, 'index')
  const began = process.cpuUsage()
  const built = empty(EXPANSIONS[0])
  for (let i = 0; i < items; i += PART) {
    const n = Math.min(PART, items - i)
    built.add(keys.subarray(i, i + n), vectors.slice(i * dim, (i + n) * dim), 1)
  }
  const { user, system } = process.cpuUsage(began)
  built.save(path)
  const rows: Row[] = []
  for (const expansion of EXPANSIONS) {
    const index = empty(expansion) // it is fixed when an index is made
    index.load(path)
    const search = (query: Float32Array) => index.search(query, k, 1).keys
    const { p50, p99, mean } = times(count, (q) => search(queries.subarray(q * dim, (q + 1) * dim)))
    const asked = { search: (query: Float32Array) => found(search(query), rowOf) }
    const recall = recallOf(asked, queries, truth)
    rows.push({
      what: `usearch HNSW ${quantization}, M 16, expansion ${EXPANSION_ADD}/${expansion}`,
      ...{ buildSeconds: (user + system) / 1e6, bytesPerItem: statSync(path).size / items },
      ...{ p50, p99, cpuMs: mean, recall },
    })
    if (recall >= ENOUGH) break
  }
  rmSync(folder, { recursive: true, force: true })
  return rows
}

function found(keys: BigUint64Array, rowOf: ReadonlyMap<bigint, number>) {
  const rows = Uint32Array.from(keys, (key) => rowOf.get(key) ?? 0)
  return { rows, scores: new Float32Array(rows.length) }
}
