import { HEADS } from './heads.ts'
import { type Origin, origins, type SampleChunk, type SamplesHeader, sizeOf } from './schema.ts'

/** One request with everything a ranker may learn from, as views into a chunk: copy what you change. K impressions. */
export interface RankingRequest {
  /** Number in the dataset. */
  readonly index: number
  /** Row of the viewer; -1 for a stranger. */
  readonly user: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** Code in `header.surfaces`. */
  readonly surface: number
  readonly origin: Origin
  /** Place in the journal of the entry before which the features were read. */
  readonly place: number
  /** [K] rows of items, in the order of their positions. */
  readonly items: Uint32Array
  /** [K] from 0; -1 when unknown. For training only: not known when serving. */
  readonly positions: Int16Array
  /** [K] 0 when not logged. */
  readonly propensities: Float32Array
  readonly explored: Uint8Array
  /** [K] weight in the loss. */
  readonly weights: Float32Array
  /** [K x heads] in 0..1; 0 where unknown. */
  readonly labels: Float32Array
  /** [K] bit h: the label of head h is known. */
  readonly known: Uint8Array
  /** [K x width] as they were before any outcome. */
  readonly features: Float32Array
  /** At most 50, oldest first. */
  readonly history: {
    readonly items: Uint32Array
    /** Seconds before the request, 0 and up. */
    readonly ago: Float32Array
    readonly kinds: Uint8Array
    /** -1 when unknown. */
    readonly completions: Float32Array
  }
  /** Items ranked and not shown, best first. */
  readonly near: Uint32Array
}

/** Samples of one schema, in chunks, in the order of the journal. */
export class Dataset {
  readonly header: SamplesHeader
  readonly chunks: readonly SampleChunk[]
  /** Requests and impressions in all chunks. */
  readonly requests: number
  readonly impressions: number
  /** Number of each chunk's first request, and one past the last. */
  private readonly firsts: Float64Array

  constructor(header: SamplesHeader, chunks: Iterable<SampleChunk>) {
    this.header = header
    this.chunks = [...chunks]
    this.firsts = new Float64Array(this.chunks.length + 1)
    let impressions = 0
    this.chunks.forEach((chunk, c) => {
      const size = sizeOf(chunk)
      this.firsts[c + 1] = this.firsts[c] + size.requests
      impressions += size.impressions
    })
    this.requests = this.firsts[this.chunks.length]
    this.impressions = impressions
  }

  /** Features per impression. */
  get width(): number {
    return this.header.featureNames.length
  }

  get bytes(): number {
    let sum = 0
    for (const chunk of this.chunks)
      for (const table of Object.values(chunk)) for (const column of Object.values(table)) sum += column.byteLength
    return sum
  }

  /** @throws RangeError for a number that no request has */
  request(index: number): RankingRequest {
    const { chunk: c, row } = this.locate(index)
    const chunk = this.chunks[c]!
    const { requests, impressions, histories, nears } = chunk
    const from = row === 0 ? 0 : requests.impressionEnd[row - 1]
    const to = requests.impressionEnd[row]
    const past = row === 0 ? 0 : requests.historyEnd[row - 1]
    const now = requests.historyEnd[row]
    const { width } = this
    return {
      index,
      user: requests.user[row],
      at: requests.at[row],
      surface: requests.surface[row],
      origin: origins[requests.origin[row]] as Origin,
      place: requests.place[row],
      items: impressions.item.subarray(from, to),
      positions: impressions.position.subarray(from, to),
      propensities: impressions.propensity.subarray(from, to),
      explored: impressions.explored.subarray(from, to),
      weights: impressions.weight.subarray(from, to),
      labels: impressions.labels.subarray(from * HEADS, to * HEADS),
      known: impressions.known.subarray(from, to),
      features: impressions.features.subarray(from * width, to * width),
      history: {
        items: histories.item.subarray(past, now),
        ago: histories.ago.subarray(past, now),
        kinds: histories.kind.subarray(past, now),
        completions: histories.completion.subarray(past, now),
      },
      near: nears.item.subarray(row === 0 ? 0 : requests.nearEnd[row - 1], requests.nearEnd[row]),
    }
  }

  /** Moment of a request, without its views. */
  at(index: number): number {
    const { chunk, row } = this.locate(index)
    return this.chunks[chunk]!.requests.at[row]
  }

  /** All requests, in order. */
  *[Symbol.iterator](): Generator<RankingRequest, void, undefined> {
    for (let index = 0; index < this.requests; index++) yield this.request(index)
  }

  private locate(index: number): { chunk: number; row: number } {
    if (!(index >= 0 && index < this.requests))
      throw new RangeError(`Cannot give request ${index}: the dataset has ${this.requests}`)
    let low = 0
    let high = this.chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.firsts[middle] <= index) low = middle
      else high = middle - 1
    }
    return { chunk: low, row: index - this.firsts[low] }
  }
}
