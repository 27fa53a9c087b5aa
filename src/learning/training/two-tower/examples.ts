import { type Dataset, HEADS, headCode } from '../../../stream/samples/index.ts'

/** Clicked impressions of requests: what a viewer wanted at a moment. Parallel arrays. */
export interface Examples {
  /** Numbers of the requests. */
  readonly request: Uint32Array
  readonly item: Uint32Array
}

const CLICK = headCode('click')

export function examplesOf(samples: Dataset, requestNumbers: Uint32Array): Examples {
  const request: number[] = []
  const item: number[] = []
  for (const number of requestNumbers) {
    const { items, labels, known } = samples.request(number)
    for (let i = 0; i < items.length; i++) {
      if ((known[i] & (1 << CLICK)) === 0 || labels[i * HEADS + CLICK] < 0.5) continue
      request.push(number)
      item.push(items[i])
    }
  }
  return { request: Uint32Array.from(request), item: Uint32Array.from(item) }
}

/**
 * The items that were there to be shown while the examples came about: what negatives are drawn from. An item that comes
 * out later must not be learned as one that nobody wants.
 */
export class Pool {
  /** Rows of items, ascending. */
  readonly items: Uint32Array
  /** Examples per item of the pool. */
  readonly counts: Float64Array
  /** When each was there at the latest, milliseconds: it came out, or a request names it; -Infinity when nobody knows. */
  readonly since: Float64Array
  private readonly places: Int32Array

  /** `shown`: rows that were there to be shown, beside those that the requests name; `published`: when a row came out. */
  constructor(
    samples: Dataset,
    requestNumbers: Uint32Array,
    { item }: Examples,
    shown: Uint32Array = new Uint32Array(0),
    published: (row: number) => number = () => Number.NaN,
  ) {
    const met = new Map<number, number>(Array.from(shown, (row) => [row, Number.POSITIVE_INFINITY]))
    for (const number of requestNumbers) {
      const { at, items, near } = samples.request(number)
      for (const rows of [items, near]) for (const row of rows) met.set(row, Math.min(at, met.get(row) ?? at))
    }
    this.items = Uint32Array.from(met.keys()).sort()
    this.since = Float64Array.from(this.items, (row) => {
      const out = published(row)
      const first = Math.min(met.get(row) as number, Number.isNaN(out) ? Number.POSITIVE_INFINITY : out)
      return first === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : first
    })
    this.places = new Int32Array((this.items.at(-1) ?? -1) + 1).fill(-1)
    for (const [place, row] of this.items.entries()) this.places[row] = place
    this.counts = new Float64Array(this.items.length)
    for (const row of item) this.counts[this.places[row]]++
  }

  /** Place of an item in the pool; -1 when it is not in it. */
  place(row: number): number {
    return this.places[row] ?? -1
  }
}
