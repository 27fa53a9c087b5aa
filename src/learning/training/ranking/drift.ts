import {
  classifierTwoSample,
  type ColumnDrift,
  columnDrift,
  type DriftReference,
  driftReference,
  SAMPLES_MIN,
  type TwoSample,
} from '../../../judging/drift/index.ts'
import type { Dataset } from '../../../stream/samples/index.ts'

/** Impressions of each side that are looked at, the latest ones. */
const ROWS_MAX = 20_000

export interface FeatureDrift {
  readonly columns: readonly ColumnDrift[]
  /** Can the two be told apart by all features together? */
  readonly twoSample: TwoSample
}

/**
 * Have the features moved between what was learnt last and what came after it? Undefined for too few impressions on
 * either side.
 *
 * @param learnt numbers of requests, in order of time
 */
export function featureDrift(samples: Dataset, learnt: Uint32Array, since: Uint32Array): FeatureDrift | undefined {
  const [reference, current] = [latestRows(samples, learnt), latestRows(samples, since)]
  const least = SAMPLES_MIN * samples.width
  if (samples.width === 0 || reference.length < least || current.length < least) return undefined
  const names = samples.header.featureNames
  return {
    columns: columnDrift(reference, current, names),
    twoSample: classifierTwoSample(reference, current, samples.width, { names }),
  }
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
