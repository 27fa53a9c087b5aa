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
