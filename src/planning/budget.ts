import { type Buckets, quantileOf } from '../foundation/telemetry/index.ts'
import type { Profile } from '../domain/index.ts'

/** One line of the latency budget. */
export interface BudgetLine {
  readonly layer: string
  readonly budgetMs: number
}

/** Parts of a profile's margin, as in the published 100 ms: of 20 the network has 10, writing the answer 5, and 5 are left. */
const NETWORK_SHARE = 0.5
const SERIALISE_SHARE = 0.25

/** The milliseconds of a request by a profile, from the client's edge and back: its stages, and its margin in three. */
export function budgetLines(profile: Profile): readonly BudgetLine[] {
  const { retrievalMs, coarseMs, featuresMs, fineMs, rerankMs, marginMs } = profile
  return [
    { layer: 'network', budgetMs: NETWORK_SHARE * marginMs },
    { layer: 'retrieve', budgetMs: retrievalMs },
    { layer: 'coarse', budgetMs: coarseMs },
    { layer: 'features', budgetMs: featuresMs },
    { layer: 'fine', budgetMs: fineMs },
    { layer: 'rerank', budgetMs: rerankMs },
    { layer: 'serialise', budgetMs: SERIALISE_SHARE * marginMs },
    { layer: 'margin', budgetMs: (1 - NETWORK_SHARE - SERIALISE_SHARE) * marginMs },
  ]
}

/** What a layer was measured to take, in milliseconds. */
export interface LayerTimes {
  readonly mean: number
  readonly p50: number
  readonly p99: number
}

export interface Worksheet {
  readonly lines: readonly (BudgetLine & Partial<LayerTimes> & { readonly over: boolean })[]
  readonly budgetMs: number
  /** What the measured layers come to together; missing when none was measured. */
  readonly sum?: {
    /** Means add, always. */
    readonly mean: number
    /** The 99th percentile when all layers are slow at once: then, and only then, percentiles add. */
    readonly p99Together: number
    /** The 99th percentile when no layer's slowness has to do with another's. */
    readonly p99Apart: number
  }
  /** The largest budget that a layer leaves unused at its p99, and whose. */
  readonly spare?: { readonly layer: string; readonly ms: number }
}

/** Holds measured layers (histograms in seconds, as servers tell them) against a budget. Layers without a line get one of 0. */
export function worksheet(budget: readonly BudgetLine[], measured: Readonly<Record<string, Buckets>> = {}): Worksheet {
  const known = new Set(budget.map(({ layer }) => layer))
  const others = Object.keys(measured).filter((layer) => !known.has(layer))
  const all = [...budget, ...others.map((layer) => ({ layer, budgetMs: 0 }))]
  const lines: Worksheet['lines'][number][] = all.map((line) => {
    const buckets = measured[line.layer]
    if (!buckets || buckets.count <= 0) return { ...line, over: false }
    const times = timesOf(buckets)
    return { ...line, ...times, over: known.has(line.layer) && times.p99 > line.budgetMs }
  })
  const used = Object.values(measured).filter(({ count }) => count > 0)
  const budgetMs = budget.reduce((sum, line) => sum + line.budgetMs, 0)
  if (used.length === 0) return { lines, budgetMs }
  const times = used.map(timesOf)
  const spare = lines
    .flatMap(({ layer, budgetMs: own, p99 }) => (p99 === undefined ? [] : [{ layer, ms: own - p99 }]))
    .sort((a, b) => b.ms - a.ms)[0]
  return {
    lines,
    budgetMs,
    sum: {
      mean: times.reduce((sum, { mean }) => sum + mean, 0),
      p99Together: times.reduce((sum, { p99 }) => sum + p99, 0),
      p99Apart: quantileOfSum(used, 0.99),
    },
    ...(spare && spare.ms > 0 ? { spare } : {}),
  }
}

function timesOf(buckets: Buckets): LayerTimes {
  return {
    mean: (1000 * buckets.sum) / buckets.count,
    p50: 1000 * quantileOf(buckets, 0.5),
    p99: 1000 * quantileOf(buckets, 0.99),
  }
}

/** Cells of the grid on which distributions are added. */
const CELLS = 2000

/** A quantile of the sum of independent layers, in milliseconds, by convolution; each is even inside its buckets. */
export function quantileOfSum(layers: readonly Buckets[], q: number): number {
  const longest = layers.reduce((sum, { bounds }) => sum + (bounds.at(-2) ?? 0), 0)
  const most = layers.reduce((sum, buckets) => sum + quantileOf(buckets, 0.9999), 0)
  const cell = Math.max(1e-9, Math.min(longest, most * 1.1)) / CELLS
  let whole = new Float64Array(CELLS)
  whole[0] = 1
  for (const layer of layers) whole = convolved(whole, spread(layer, cell))
  let below = 0
  // A value stands for the middle of its cell, and each layer has moved by half a cell.
  for (let i = 0; i < CELLS; i++) if ((below += whole[i]) >= q) return 1000 * cell * (i + layers.length / 2)
  return 1000 * cell * CELLS
}

/** Shares per cell; what is beyond the grid is in its last cell. */
function spread({ bounds, counts, count }: Buckets, cell: number): Float64Array {
  const shares = new Float64Array(CELLS)
  bounds.forEach((bound, i) => {
    const own = (counts[i] as number) / count
    if (own <= 0) return
    const low = i === 0 ? 0 : (bounds[i - 1] as number)
    const high = Number.isFinite(bound) ? bound : low
    const first = Math.min(CELLS - 1, Math.floor(low / cell))
    const last = Math.min(CELLS - 1, Math.max(first, Math.ceil(high / cell) - 1))
    for (let at = first; at <= last; at++) shares[at] += own / (last - first + 1)
  })
  return shares
}

function convolved(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  const sum = new Float64Array(CELLS)
  for (let i = 0; i < CELLS; i++) {
    if (a[i] === 0) continue
    for (let j = 0; j < CELLS; j++) if (b[j] !== 0) sum[Math.min(CELLS - 1, i + j)] += a[i] * b[j]
  }
  return sum
}

/** Chance that at least one of `n` parallel calls is slow when each is with chance `slow` (Dean and Barroso 2013). */
export function slowestOf(slow: number, n: number): number {
  return 1 - (1 - slow) ** n
}

/** The quantile each of `n` parallel calls must keep to, so that all of them together keep to `q`. */
export function quantileEach(q: number, n: number): number {
  return q ** (1 / n)
}
