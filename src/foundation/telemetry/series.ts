/** One combination of labels of one metric: numbers only, so that recording is a few instructions. */
export interface Series {
  /** Takes one value. False when it is refused: no number, or negative where only growth makes sense. */
  take(value: number): boolean
  /** What it holds, as the Prometheus text format parts it. */
  parts(): Part[]
}

export interface Part {
  /** What follows the metric's name: `_bucket`, `_sum`, `_count` or nothing. */
  readonly suffix: string
  /** Upper bound of a bucket. */
  readonly le?: string
  readonly value: number
}

export class CounterSeries implements Series {
  private value = 0

  take(value: number): boolean {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return false
    this.value += value
    return true
  }

  parts(): Part[] {
    return [{ suffix: '', value: this.value }]
  }
}

/** Says nothing until it was set: 0 would be a measurement. */
export class GaugeSeries implements Series {
  private value: number | undefined

  take(value: number): boolean {
    if (!Number.isFinite(value)) return false
    this.value = value
    return true
  }

  parts(): Part[] {
    return this.value === undefined ? [] : [{ suffix: '', value: this.value }]
  }
}

export class HistogramSeries implements Series {
  private readonly bounds: Float64Array
  /** Values per bucket, each in its own only; the last bucket is open. */
  private readonly counts: Float64Array
  private sum = 0

  constructor(bounds: Float64Array) {
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  take(value: number): boolean {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return false
    let bucket = 0
    while (bucket < this.bounds.length && value > this.bounds[bucket]) bucket++
    this.counts[bucket]++
    this.sum += value
    return true
  }

  parts(): Part[] {
    let count = 0
    const made: Part[] = Array.from(this.counts, (own, bucket) => {
      count += own
      return { suffix: '_bucket', le: String(this.bounds[bucket] ?? '+Inf'), value: count }
    })
    made.push({ suffix: '_sum', value: this.sum }, { suffix: '_count', value: count })
    return made
  }
}
