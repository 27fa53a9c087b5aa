import { Random } from '../../../foundation/base/index.ts'
import { padded } from '../exact-searcher.ts'
import { checkCount, checkDim, checkVector } from '../vector-index.ts'
import { type Cells, findCells } from './cells.ts'
import { type CodingShape, codingOf } from './coding.ts'
import { IvfIndex } from './ivf.ts'
import { type IvfShape, SEARCHERS, SEARCHERS_MAX } from './layout.ts'
import { axesOf, metricOf } from './metric.ts'
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
  /** Queries [q, dim] that cells and codes are made for, and it is chosen by. Default plain cells and made ones, see `madeQueries`. */
  readonly queries?: Float32Array
  /** Of the codes that the vectors were read from: the same codes come out. Default chosen anew. */
  readonly coding?: CodingShape | undefined
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
  const metric = metricOf(options.queries, dim)
  const found = await findCells(vectors, metric, cells, new Random(`${seed} cells`), pause)
  const capacities = capacitiesOf(found, cells)
  const coding = options.coding ?? codingOf(vectors, dim, options.queries && axesOf(metric))
  const shape: IvfShape = { dim, cells, capacities, coding, probes: cells, searchers }
  const { pulls, bars } = found.borders
  const index = IvfIndex.make(shape, widened(found.means, dim), { pulls: widened(pulls, dim), bars })
  for (let i = 0; i < rows.length; i++) {
    if (index.has(rows[i])) throw new RangeError(`Cannot build an index with two vectors of row ${rows[i]}`)
    index.put(rows[i], vectors.subarray(i * dim, (i + 1) * dim), found.cellOf[i])
    if (i % 4096 === 4095) await pause?.()
  }
  const queries = options.queries?.subarray(0, QUERIES * dim) ?? madeQueries(vectors, dim, QUERIES, `${seed} queries`)
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

/** Room by cell, the delta last. */
function capacitiesOf({ cellOf }: Cells, cells: number): number[] {
  const counts = new Uint32Array(cells)
  for (const cell of cellOf) counts[cell]++
  const capacities = Array.from(counts, (count) => Math.ceil(count * (1 + SLACK_SHARE)) + SLACK)
  return [...capacities, Math.max(DELTA_LEAST, cellOf.length)]
}

/** Rows padded to what the kernels read. */
function widened(rows: Float32Array, dim: number): Float32Array {
  const width = padded(dim)
  const wide = new Float32Array((rows.length / dim) * width)
  for (let c = 0; c * dim < rows.length; c++) wide.set(rows.subarray(c * dim, (c + 1) * dim), c * width)
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
