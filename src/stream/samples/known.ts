import type { Dataset, RankingRequest } from './dataset.ts'
import { HEADS, headCode, headNames } from './heads.ts'
import type { SamplesHeader } from './schema.ts'

const ALL = (1 << HEADS) - 1
const RETURN = 1 << headCode('return')

/**
 * Bits of the heads whose labels tell nothing of what came from a moment on: whether a viewer came back is told by a window
 * that reaches far beyond a request. (The others' window is the attribution's, which a split leaves out as a whole.)
 */
export function knownBefore(
  cut: number | undefined,
  { returnMs }: Pick<SamplesHeader, 'returnMs'>,
): (request: Pick<RankingRequest, 'at'>) => number {
  if (cut === undefined) return () => ALL
  return ({ at }) => (at + returnMs > cut ? ALL & ~RETURN : ALL)
}

/** The first moment of some requests; undefined for none. */
export function firstAt(dataset: Dataset, requestNumbers: Uint32Array): number | undefined {
  let first: number | undefined
  for (const number of requestNumbers) first = Math.min(first ?? Number.POSITIVE_INFINITY, dataset.at(number))
  return first
}

/** Counts labels that are known, by head. */
export class LabelTally {
  readonly known = new Float64Array(HEADS)
  readonly sums = new Float64Array(HEADS)

  add(head: number, label: number): void {
    this.known[head]++
    this.sums[head] += label
  }

  /** By name: how many are known, and their mean (0 for none). */
  get heads(): Record<string, { known: number; mean: number }> {
    const { known, sums } = this
    const mean = (head: number) => (known[head] === 0 ? 0 : sums[head] / known[head])
    return Object.fromEntries(headNames.map((name, head) => [name, { known: known[head], mean: mean(head) }]))
  }
}

/** What is known of some requests, by head. */
export function labelsOf(
  dataset: Dataset,
  { requestNumbers, cut }: { readonly requestNumbers: Uint32Array; readonly cut?: number },
): LabelTally['heads'] {
  const tally = new LabelTally()
  const bits = knownBefore(cut, dataset.header)
  for (const number of requestNumbers) {
    const request = dataset.request(number)
    const there = bits(request)
    for (let i = 0; i < request.items.length; i++) {
      for (let head = 0; head < HEADS; head++) {
        if ((request.known[i] & there & (1 << head)) !== 0) tally.add(head, request.labels[i * HEADS + head])
      }
    }
  }
  return tally.heads
}
