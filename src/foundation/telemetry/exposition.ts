/** One line of the Prometheus text format. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Samples by the name they carry; the parts of a histogram keep their `_bucket`, `_sum` and `_count`. */
export type Samples = ReadonlyMap<string, readonly Sample[]>

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/
const PAIR = /(\w+)="((?:[^"\\]|\\.)*)"/g

/** Reads the Prometheus text format. Lines that are not of it are passed over. */
export function parseSamples(text: string): Samples {
  const found = new Map<string, Sample[]>()
  for (const line of text.split('\n')) {
    const parts = line.startsWith('#') ? null : LINE.exec(line)
    if (!parts) continue
    const [, name = '', pairs = '', value = ''] = parts
    const labels: Record<string, string> = {}
    for (const [, label = '', said = ''] of pairs.matchAll(PAIR))
      labels[label] = said.replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))
    const samples = found.get(name) ?? []
    if (samples.length === 0) found.set(name, samples)
    samples.push({ labels, value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value) })
  }
  return found
}

export type Labels = Readonly<Record<string, string>>

/** The sum of a metric over the series that have these labels; 0 when there are none. */
export function total(samples: Samples, name: string, having: Labels = {}): number {
  let sum = 0
  for (const { labels, value } of samples.get(name) ?? []) if (matches(labels, having)) sum += value
  return sum
}

/** The sums of a metric by one of its labels, in the order they were told. */
export function totalsBy(samples: Samples, name: string, label: string, having: Labels = {}): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { labels, value } of samples.get(name) ?? []) {
    const key = labels[label]
    if (key !== undefined && matches(labels, having)) sums.set(key, (sums.get(key) ?? 0) + value)
  }
  return sums
}

/** A histogram, or the growth of one: values per bucket, each in its own only. */
export interface Buckets {
  /** Upper bounds, ascending; the last is infinite. */
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
  readonly sum: number
  readonly count: number
}

/** What a histogram grew by between two readings of the same process (`before` none: since its start). */
export function bucketsOf(now: Samples, before: Samples | undefined, name: string, having: Labels = {}): Buckets {
  const grown = (part: string) => total(now, part, having) - (before ? total(before, part, having) : 0)
  const upTo = (samples: Samples | undefined) =>
    samples ? totalsBy(samples, `${name}_bucket`, 'le', having) : undefined
  const [late, early] = [upTo(now), upTo(before)]
  const edges = [...(late ?? [])].map(([le, count]) => ({
    bound: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le),
    below: count - (early?.get(le) ?? 0),
  }))
  edges.sort((a, b) => a.bound - b.bound)
  return {
    bounds: edges.map(({ bound }) => bound),
    counts: edges.map(({ below }, i) => below - (edges[i - 1]?.below ?? 0)),
    sum: grown(`${name}_sum`),
    count: grown(`${name}_count`),
  }
}

/**
 * The quantile of a histogram, linear inside its bucket as Prometheus does it (`histogram_quantile`); the last bound
 * when it falls into the open bucket. NaN when it is empty. @param q 0 to 1
 */
export function quantileOf({ bounds, counts, count }: Buckets, q: number): number {
  if (!(count > 0)) return Number.NaN
  const wanted = q * count
  let below = 0
  for (let i = 0; i < bounds.length; i++) {
    const own = counts[i] as number
    if (below + own >= wanted && own > 0) {
      const low = i === 0 ? 0 : (bounds[i - 1] as number)
      const high = bounds[i] as number
      return Number.isFinite(high) ? low + ((high - low) * (wanted - below)) / own : low
    }
    below += own
  }
  return bounds.at(-2) ?? Number.NaN
}

function matches(labels: Labels, having: Labels): boolean {
  for (const name in having) if (labels[name] !== having[name]) return false
  return true
}
