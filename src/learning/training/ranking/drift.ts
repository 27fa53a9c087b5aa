import {
  classifierTwoSample,
  type ColumnDrift,
  columnDrift,
  columnMoves,
  type DriftReference,
  driftReference,
  SAMPLES_MIN,
  type TwoSample,
} from '../../../judging/drift/index.ts'
import type { Dataset } from '../../../stream/samples/index.ts'

/** Impressions of each side that are looked at, the latest ones. */
const ROWS_MAX = 20_000
/** Moves before that tell what a column is used to. */
const BEFORE_MAX = 3

export interface FeatureDrift {
  readonly columns: readonly ColumnDrift[]
  /** Can the two be told apart by all features together? `before`: AUC by which a part of what was learnt could be. */
  readonly twoSample: TwoSample & { readonly before: number | null }
}

/**
 * Have the features moved between what was learnt last and what came after it? Undefined for too few impressions on
 * either side.
 *
 * A young platform grows: its counts, popularities and rates fill up, and a part of the time is never like the time before
 * it. So a column is held against its own moves: of the latest parts of what was learnt, each as long as what came after,
 * against what was learnt before them.
 *
 * @param learnt numbers of requests, in order of time
 */
export function featureDrift(samples: Dataset, learnt: Uint32Array, since: Uint32Array): FeatureDrift | undefined {
  const [reference, current] = [latestRows(samples, learnt), latestRows(samples, since)]
  const least = SAMPLES_MIN * samples.width
  if (samples.width === 0 || reference.length < least || current.length < least) return undefined
  const names = samples.header.featureNames
  const earlier = earlierSides(samples, learnt, since.length)
  const moves = earlier.map(([a, b]) => columnMoves(a, b, samples.width))
  const usual = moves.length > 0 ? names.map((_, c) => Math.max(...moves.map((move) => move[c]))) : undefined
  const [last] = earlier
  const before = last ? classifierTwoSample(...last, samples.width, { names }).auc : null
  return {
    columns: columnDrift(reference, current, names, usual),
    twoSample: { ...classifierTwoSample(reference, current, samples.width, { names }), before },
  }
}

type Sides = readonly [reference: Float32Array, current: Float32Array]

/** The last parts of what was learnt and what came before each, with as much between them as there is of each. */
function earlierSides(samples: Dataset, learnt: Uint32Array, length: number): Sides[] {
  const least = SAMPLES_MIN * samples.width
  const ends = Array.from({ length: BEFORE_MAX }, (_, part) => learnt.length - part * length)
  return ends
    .filter((end) => end > 2 * length)
    .map((end): Sides => {
      const before = learnt.subarray(0, end - 2 * length)
      return [latestRows(samples, before), latestRows(samples, learnt.subarray(end - length, end))]
    })
    .filter((sides) => sides.every((rows) => rows.length >= least))
}

/** What the features were like that were learnt last: serving holds what it shows against it. Undefined for too few. */
export function featureReference(of: string, samples: Dataset, learnt: Uint32Array): DriftReference | undefined {
  const rows = latestRows(samples, learnt)
  if (samples.width === 0 || rows.length < SAMPLES_MIN * samples.width) return undefined
  return driftReference(of, rows, samples.header.featureNames)
}

/** [rows x width] of the last requests. */
function latestRows(samples: Dataset, numbers: Uint32Array): Float32Array {
  const blocks: Float32Array[] = []
  let rows = 0
  for (let i = numbers.length - 1; i >= 0 && rows < ROWS_MAX; i--) {
    const { features, items } = samples.request(numbers[i])
    blocks.push(features)
    rows += items.length
  }
  const all = new Float32Array(rows * samples.width)
  let at = 0
  for (const block of blocks) {
    all.set(block, at)
    at += block.length
  }
  return all
}
