import { Random } from '../../foundation/base/index.ts'
import type { Dataset, RankingRequest } from './dataset.ts'
import { HEADS } from './heads.ts'
import { knownBefore } from './known.ts'

export interface BatchShape {
  /** R: requests in a batch. */
  readonly requests: number
  /** K: impressions of a request. A longer request takes several rows of the batch. */
  readonly impressions: number
  /** H: history entries; the latest ones are kept. */
  readonly history: number
}

/**
 * A batch of static shape. Padding has item -1, mask and weights 0. R x K, R x H row-major.
 */
export interface RankingBatch {
  readonly shape: BatchShape
  /** Rows that hold a request; the others are padding. */
  readonly count: number
  /** [R] number of the request in the dataset, the group of per-request metrics; -1 padding. */
  readonly request: Int32Array
  /** [R] */
  readonly user: Int32Array
  readonly at: Float64Array
  readonly surface: Uint8Array
  /** [R x H] oldest first and flush right: the latest entry is always the last column. */
  readonly historyItem: Int32Array
  /** Seconds before the request. */
  readonly historyAgo: Float32Array
  readonly historyKind: Uint8Array
  /** -1 when unknown. */
  readonly historyCompletion: Float32Array
  /** 1 for an entry, 0 for padding. */
  readonly historyMask: Float32Array
  /** [R x K] */
  readonly item: Int32Array
  /** -1 when unknown. */
  readonly position: Int16Array
  readonly propensity: Float32Array
  /** Weight in the loss; 0 is padding. */
  readonly weight: Float32Array
  /** [R x K x heads] */
  readonly labels: Float32Array
  /** [R x K x heads] the weight where the label is known, else 0. */
  readonly labelWeights: Float32Array
  /** [R x K x width] */
  readonly features: Float32Array
}

export interface BatchOptions extends Partial<BatchShape> {
  /** Numbers of the requests, in order; default: all. */
  readonly requestNumbers?: Uint32Array
  /** Deterministic by seed and epoch; default: no shuffle. */
  readonly shuffle?: { readonly seed: string | number; readonly epoch: number }
  /** Weight of each impression instead of the dataset's: see `weighted`. */
  readonly weigh?: (request: RankingRequest, out: Float32Array) => void
  /** Moment from which on nothing is known yet: labels that tell of what came then are unknown. Default: all is known. */
  readonly cut?: number
  /** Leave out a last batch that is not full. Default false. */
  readonly whole?: boolean
}

const DEFAULT: BatchShape = { requests: 32, impressions: 16, history: 50 }

/** Batches of requests, one epoch. Nothing is lost: requests longer than K are parted, the last batch is padded. */
export function* batchesOf(dataset: Dataset, options: BatchOptions = {}): Generator<RankingBatch, void, undefined> {
  const shape: BatchShape = {
    requests: whole('requests', options.requests ?? DEFAULT.requests),
    impressions: whole('impressions', options.impressions ?? DEFAULT.impressions),
    history: whole('history', options.history ?? DEFAULT.history),
  }
  const order = options.requestNumbers?.slice() ?? Uint32Array.from({ length: dataset.requests }, (_, i) => i)
  if (options.shuffle) new Random(`${options.shuffle.seed}/${options.shuffle.epoch}`).shuffle(order)
  const known = knownBefore(options.cut, dataset.header)
  let batch = emptyBatch(shape, dataset.width)
  let row = 0
  for (const number of order) {
    const request = dataset.request(number)
    let { weights } = request
    if (options.weigh) {
      weights = weights.slice()
      options.weigh(request, weights)
    }
    for (let from = 0; from < request.items.length; from += shape.impressions) {
      fill(batch, row++, request, weights, from, dataset.width, known(request))
      if (row < shape.requests) continue
      yield { ...batch, count: row }
      batch = emptyBatch(shape, dataset.width)
      row = 0
    }
  }
  if (row > 0 && !options.whole) yield { ...batch, count: row }
}

/** Batches that a pass with these options gives. */
export function countBatches(dataset: Dataset, options: BatchOptions = {}): number {
  const { requests, impressions } = { ...DEFAULT, ...options }
  let rows = 0
  const count = options.requestNumbers?.length ?? dataset.requests
  for (let i = 0; i < count; i++)
    rows += Math.ceil(dataset.request(options.requestNumbers?.[i] ?? i).items.length / impressions)
  return options.whole ? Math.floor(rows / requests) : Math.ceil(rows / requests)
}

function emptyBatch(shape: BatchShape, width: number): RankingBatch {
  const { requests: R, impressions: K, history: H } = shape
  return {
    shape,
    count: 0,
    request: new Int32Array(R).fill(-1),
    user: new Int32Array(R).fill(-1),
    at: new Float64Array(R),
    surface: new Uint8Array(R),
    historyItem: new Int32Array(R * H).fill(-1),
    historyAgo: new Float32Array(R * H),
    historyKind: new Uint8Array(R * H),
    historyCompletion: new Float32Array(R * H).fill(-1),
    historyMask: new Float32Array(R * H),
    item: new Int32Array(R * K).fill(-1),
    position: new Int16Array(R * K).fill(-1),
    propensity: new Float32Array(R * K),
    weight: new Float32Array(R * K),
    labels: new Float32Array(R * K * HEADS),
    labelWeights: new Float32Array(R * K * HEADS),
    features: new Float32Array(R * K * width),
  }
}

function fill(
  batch: RankingBatch,
  row: number,
  request: RankingRequest,
  weights: Float32Array,
  from: number,
  width: number,
  known: number,
): void {
  const { impressions: K, history: H } = batch.shape
  batch.request[row] = request.index
  batch.user[row] = request.user
  batch.at[row] = request.at
  batch.surface[row] = request.surface
  const { history } = request
  const kept = Math.min(H, history.items.length)
  const skip = history.items.length - kept
  const right = row * H + H - kept
  batch.historyItem.set(history.items.subarray(skip), right)
  batch.historyAgo.set(history.ago.subarray(skip), right)
  batch.historyKind.set(history.kinds.subarray(skip), right)
  batch.historyCompletion.set(history.completions.subarray(skip), right)
  batch.historyMask.fill(1, right, right + kept)
  const to = Math.min(request.items.length, from + K)
  const base = row * K
  batch.item.set(request.items.subarray(from, to), base)
  batch.position.set(request.positions.subarray(from, to), base)
  batch.propensity.set(request.propensities.subarray(from, to), base)
  batch.weight.set(weights.subarray(from, to), base)
  batch.labels.set(request.labels.subarray(from * HEADS, to * HEADS), base * HEADS)
  batch.features.set(request.features.subarray(from * width, to * width), base * width)
  for (let i = from; i < to; i++)
    for (let head = 0; head < HEADS; head++)
      if ((request.known[i] & known & (1 << head)) !== 0)
        batch.labelWeights[(base + i - from) * HEADS + head] = weights[i]
}

function whole(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number from 1, not ${value}`)
  return value
}
