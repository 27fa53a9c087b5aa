import { Random } from '../../../foundation/base/index.ts'
import { padded } from '../exact-searcher.ts'
import { checkCount, checkDim, checkVector } from '../vector-index.ts'
import { type Cells, findCells, lengthOf } from './cells.ts'
import { IvfIndex } from './ivf.ts'
import { type IvfShape, SEARCHERS, SEARCHERS_MAX } from './layout.ts'
import type { Pause } from './products.ts'
import { madeQueries, recallOf, truthOf } from './recall.ts'

const CELLS_MAX = 16_384
/** Room in a cell for later vectors: a share of its own, and a few. */
const SLACK_SHARE = 0.125
const SLACK = 8
/** Room in the delta: as many vectors as the index has, and at least this many. Memory is taken as it fills. */
const DELTA_LEAST = 65_536
/** Queries that tune the probes. */
const QUERIES = 64
const RECALL_AT = 1000
/** The tuning aims above the gate by this much, because it measures by few queries. */
const MARGIN = 0.01
/** Numbers of cells tried, each the next half step. */
const PROBES = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048, 4096, 8192]

export interface IvfInput {
  readonly dim: number
  /** [n], each once */
  readonly rows: Uint32Array
  /** [n, dim] */
  readonly vectors: Float32Array
}

export interface IvfOptions {
  readonly seed?: string
  /** Default about the square root of n. */
  readonly cells?: number
  /** Recall that the number of probes is chosen for. Default 0.95. */
  readonly recall?: number
  /** Queries [q, dim] that it is chosen by. Default made ones, see `madeQueries`. */
  readonly queries?: Float32Array
  /** Centres and steps of the codes that the vectors were read from: the same codes come out. Default chosen anew. */
  readonly coding?: Pick<IvfShape, 'centre' | 'steps'> | undefined
  /** Threads that may search at once. Default 8. */
  readonly searchers?: number
  readonly pause?: Pause
}

/**
 * Learns cells, codes the vectors into them, and chooses how many cells a search reads: the fewest with which recall at
 * 1000 (a tenth of the vectors, when that is less) reaches what is asked. Equal input gives equal bytes.
 * @throws RangeError for no vectors, vectors that are none, a row twice, or more than 4 GiB
 */
export async function buildIvf(input: IvfInput, options: IvfOptions = {}): Promise<IvfIndex> {
  check(input)
  const { dim, rows, vectors } = input
  const { seed = 'ivf', recall = 0.95, searchers = SEARCHERS, pause } = options
  if (!(searchers >= 1 && searchers <= SEARCHERS_MAX))
    throw new RangeError(`Cannot build for ${searchers} threads: take 1 to ${SEARCHERS_MAX}`)
  const cells = Math.min(rows.length, options.cells ?? cellsFor(rows.length))
  const found = await findCells(vectors, dim, cells, new Random(`${seed} cells`), pause)
  const { capacities, reach } = measure(input, found, cells)
  const { centre, steps } = options.coding ?? codingOf(vectors, dim)
  const shape: IvfShape = { dim, cells, capacities, centre, steps, probes: cells, searchers }
  const index = IvfIndex.make(shape, widened(found.centroids, dim), reach)
  for (let i = 0; i < rows.length; i++) {
    if (index.has(rows[i])) throw new RangeError(`Cannot build an index with two vectors of row ${rows[i]}`)
    index.put(rows[i], vectors.subarray(i * dim, (i + 1) * dim), found.cellOf[i])
    if (i % 4096 === 4095) await pause?.()
  }
  const queries = options.queries ?? madeQueries(vectors, dim, QUERIES, `${seed} queries`)
  await tune(index, input, queries, Math.min(1, recall + MARGIN), pause)
  return index
}

function check({ dim, rows, vectors }: IvfInput): void {
  checkDim(dim)
  if (rows.length === 0)
    throw new RangeError('Cannot build an inverted file of no vectors: keep them in an exact index')
  if (vectors.length !== rows.length * dim)
    throw new RangeError(`Cannot build from ${vectors.length} numbers for ${rows.length} vectors of ${dim} elements`)
  for (let i = 0; i < rows.length; i++) {
    checkCount('a row', rows[i])
    checkVector(`vector (of row ${rows[i]})`, vectors.subarray(i * dim, (i + 1) * dim), dim)
  }
}

const cellsFor = (count: number): number => Math.min(CELLS_MAX, 2 ** Math.round(Math.log2(Math.sqrt(count))))

/** Room by cell, the delta last, and the mean length of each cell's vectors. */
function measure({ dim, rows, vectors }: IvfInput, { cellOf }: Cells, cells: number) {
  const counts = new Uint32Array(cells)
  const lengths = new Float64Array(cells)
  for (let i = 0; i < rows.length; i++) {
    counts[cellOf[i]]++
    lengths[cellOf[i]] += lengthOf(vectors, i * dim, dim)
  }
  const all = lengths.reduce((sum, length) => sum + length, 0) / rows.length
  const reach = Float32Array.from(counts, (count, cell) => (count === 0 ? all : lengths[cell] / count))
  const capacities = Array.from(counts, (count) => Math.ceil(count * (1 + SLACK_SHARE)) + SLACK)
  return { reach, capacities: [...capacities, Math.max(DELTA_LEAST, rows.length)] }
}

/** The step of a dimension is at least this share of the widest one's: what comes later may differ where nothing did yet. */
const STEP_LEAST = 1 / 16

/**
 * Centres and steps by dimension: the element farthest from its mean becomes 127. Cutting off the rarest ones would gain
 * half a hundredth of recall and lose them. What all vectors have in common takes no part of the 254 steps: on a million
 * items of lightly trained towers recall@1000 of the codes is .970 by this, and .938 by one scale from zero.
 */
function codingOf(vectors: Float32Array, dim: number): { readonly centre: number[]; readonly steps: number[] } {
  const count = vectors.length / dim
  const sums = new Float64Array(dim)
  for (let at = 0; at < vectors.length; at += dim) for (let d = 0; d < dim; d++) sums[d] += vectors[at + d]
  const centre = Array.from(sums, (sum) => sum / count)
  const reach = new Float64Array(dim)
  for (let at = 0; at < vectors.length; at += dim) {
    for (let d = 0; d < dim; d++) reach[d] = Math.max(reach[d], Math.abs(vectors[at + d] - (centre[d] as number)))
  }
  const widest = Math.max(...reach) || Math.max(...centre.map(Math.abs)) // a single vector, or all alike
  return { centre, steps: Array.from(reach, (most) => Math.max(most, widest * STEP_LEAST) / 127) }
}

/** Rows padded to what the kernels read. */
function widened(centroids: Float32Array, dim: number): Float32Array {
  const width = padded(dim)
  const wide = new Float32Array((centroids.length / dim) * width)
  for (let c = 0; c * dim < centroids.length; c++) wide.set(centroids.subarray(c * dim, (c + 1) * dim), c * width)
  return wide
}

async function tune(
  index: IvfIndex,
  { dim, rows, vectors }: IvfInput,
  queries: Float32Array,
  wanted: number,
  pause?: Pause,
) {
  const k = Math.min(RECALL_AT, Math.max(1, Math.ceil(rows.length / 10)))
  const truth = await truthOf(rows, vectors, queries, dim, k, pause)
  for (const probes of PROBES) {
    index.probes = probes
    if (probes >= index.shape.cells || recallOf(index, queries, truth) >= wanted) break
    await pause?.()
  }
}
