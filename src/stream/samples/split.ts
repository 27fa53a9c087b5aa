import type { Dataset } from './dataset.ts'

export interface RequestSplit {
  /** Numbers of requests, in the dataset's order. */
  readonly train: Uint32Array
  readonly validation: Uint32Array
  readonly test: Uint32Array
  readonly validationAt: number
  readonly testAt: number
  /** Requests left out because their outcomes reach over the cut. */
  readonly embargoed: number
}

/**
 * Splits by time: the earliest share trains, then comes validation, then the test. Requests before a cut whose
 * attribution window reaches over it are left out (`embargoMs`), because their outcomes lie in the time that is judged.
 * @throws RangeError for shares that leave nothing to train on
 */
export function splitByTime(
  dataset: Dataset,
  options: { readonly validation?: number; readonly test?: number; readonly embargoMs?: number } = {},
): RequestSplit {
  const { validation = 0.1, test = 0.1, embargoMs = dataset.header.attributionMs } = options
  if (!(validation >= 0 && test >= 0 && validation + test < 1))
    throw new RangeError(`Cannot split off ${validation} and ${test}: nothing would be left to train on`)
  const times = Float64Array.from({ length: dataset.requests }, (_, i) => dataset.at(i))
  const sorted = times.slice().sort()
  const moment = (share: number) =>
    share >= 1
      ? Number.POSITIVE_INFINITY
      : (sorted[Math.floor(sorted.length * share + 1e-9)] ?? Number.POSITIVE_INFINITY)
  const testAt = moment(1 - test)
  const validationAt = Math.min(testAt, moment(1 - test - validation))
  const parts: [number[], number[], number[]] = [[], [], []]
  let embargoed = 0
  for (let i = 0; i < times.length; i++) {
    const part = times[i] >= testAt ? 2 : times[i] >= validationAt ? 1 : 0
    const cut = part === 2 ? Number.POSITIVE_INFINITY : part === 1 ? testAt : validationAt
    if (times[i] + embargoMs > cut) embargoed++
    else parts[part].push(i)
  }
  const [train, valid, tested] = parts.map((numbers) => Uint32Array.from(numbers)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ]
  return { train, validation: valid, test: tested, validationAt, testAt, embargoed }
}
