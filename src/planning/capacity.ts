/** What a platform has to carry, and what its machines can. All counts are per replica set at the peak. */
export interface Demand {
  /** Requests per second at the peak. */
  readonly peakQps: number
  /** Candidates that the fine rank scores per request. */
  readonly candidates: number
  /** Bytes of one candidate's feature row. */
  readonly featureBytes: number
  /** Items in the vector index. */
  readonly items: number
  /** Bytes of one vector. */
  readonly vectorBytes: number
}

/** What one machine does, and what is kept in hand. */
export interface Supply {
  /** Candidates scored per second and GPU, effective: utilisation is in it. */
  readonly scoresPerGpu: number
  /** Feature rows fetched per second and node of the feature store, effective. */
  readonly fetchesPerNode: number
  /** Copies of index and feature store. */
  readonly replicas: number
  /** Share of every machine that is kept free, 0 to below 1. */
  readonly headroom: number
  /** Links per vector of a graph index (HNSW's M); 0 for an index without a graph. */
  readonly graphLinks: number
  /** Share of feature rows that a cache answers, 0 to 1. */
  readonly cacheHitShare: number
}

export const defaultSupply: Supply = {
  scoresPerGpu: 8000,
  fetchesPerNode: 50_000,
  replicas: 1,
  headroom: 0,
  graphLinks: 0,
  cacheHitShare: 0,
}

/** Raw values, not rounded but for machines, of which there are only whole ones. */
export interface Capacity {
  readonly itemsPerSecond: number
  readonly gpus: number
  readonly nodes: number
  /** GiB per second from the feature store. */
  readonly bandwidthGiB: number
  /** GiB of the vector index, all replicas. */
  readonly indexGiB: number
}

const GIB = 2 ** 30
/** Bytes per link and level of a graph index: two directions, four bytes, 1.1 levels on average. */
const LINK_BYTES = 2 * 4 * 1.1

/**
 * Machines for a demand. items/s = QPS x candidates; GPUs = ceil(items/s / scores); nodes = ceil(items/s x (1 - h) /
 * fetches); bandwidth = items/s x (1 - h) x bytes / 2^30; index = items x (bytes + links) x replicas / 2^30. Headroom
 * divides what a machine does by 1 - headroom.
 * @throws RangeError for a number that is not finite or outside its range
 */
export function capacity(demand: Demand, supply: Supply = defaultSupply): Capacity {
  for (const [name, value] of Object.entries({ ...demand, ...supply }))
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) throw new RangeError(`Cannot plan with ${name} ${value}`)
  const { scoresPerGpu, fetchesPerNode, replicas, headroom, graphLinks, cacheHitShare } = supply
  if (scoresPerGpu === 0 || fetchesPerNode === 0) throw new RangeError('Cannot plan with machines that do nothing')
  if (headroom >= 1) throw new RangeError(`Cannot plan with headroom ${headroom}: nothing of a machine is left`)
  if (cacheHitShare > 1)
    throw new RangeError(`Cannot plan with cacheHitShare ${cacheHitShare}: it is a share, at most 1`)
  const itemsPerSecond = demand.peakQps * demand.candidates
  const fetches = itemsPerSecond * (1 - cacheHitShare)
  const used = 1 - headroom
  const vectorBytes = demand.vectorBytes + graphLinks * LINK_BYTES
  return {
    itemsPerSecond,
    gpus: machines(itemsPerSecond / (scoresPerGpu * used)),
    nodes: machines(fetches / (fetchesPerNode * used)) * replicas,
    bandwidthGiB: (fetches * demand.featureBytes) / GIB,
    indexGiB: (demand.items * vectorBytes * replicas) / GIB,
  }
}

/** Whole ones; a hair above a whole number is rounding, not another machine. */
export function machines(count: number): number {
  return Math.max(0, Math.ceil(count - 1e-9 * Math.max(1, count)))
}

/** As the published figures are printed: 5.00k from a thousand on, whole below. */
export function printedCount(count: number): string {
  return count >= 1000 ? `${(count / 1000).toFixed(2)}k` : count.toFixed(0)
}

/** The four figures of a plan as printed. "GB" there is GiB: decimal ones would read 320 where 298 stands. */
export function printed({ gpus, nodes, bandwidthGiB, indexGiB }: Capacity) {
  return {
    gpus: printedCount(gpus),
    nodes: printedCount(nodes),
    bandwidth: `${bandwidthGiB.toFixed(0)} GB/s`,
    index: `${indexGiB.toFixed(0)} GB`,
  }
}
