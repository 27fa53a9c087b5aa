import { buildIvf } from '../ivf/build.ts'
import type { IvfIndex } from '../ivf/ivf.ts'
import type { Pause } from '../ivf/products.ts'
import { madeQueries, recallOf, type Truth, truthOf } from '../ivf/recall.ts'
import { type IvfShared, IvfSearcher } from '../ivf/searcher.ts'
import { saveKeys } from './keys.ts'
import type { Measured } from './verdict.ts'

/** Made queries that judge an index, for want of any that were asked. */
const LABELLED = 128
/** Of those asked, every so many judge it; it is made for the others. */
const JUDGING = 4
/** How many that were asked are kept for it. */
export const ASKED = LABELLED * JUDGING
const RECALL_AT = 1000

/** What a new index is made from. */
export interface BuildJob {
  readonly dim: number
  readonly rows: Uint32Array
  /** [rows, dim] */
  readonly vectors: Float32Array
  /** [rows, 2] keys of the vectors, where somebody keeps them: written beside it. */
  readonly keys?: Uint32Array | undefined
  /** Queries [q, dim] as viewers ask them: to make it for by some, and judge it by the others. None: made ones. */
  readonly queries: Float32Array | undefined
  readonly recall: number
  /** The one that serves, to compare with. */
  readonly before: IvfShared | undefined
  /** Where to write it to, as vectors of `name`, before anything is changed in it. */
  readonly save: { readonly path: string; readonly keysPath: string; readonly name: string } | undefined
}

export interface Candidate {
  readonly index: IvfIndex
  readonly measured: Measured
}

/** Builds an index and measures it, somewhere. */
export type BuildIndex = (job: BuildJob) => Promise<Candidate>

/** Builds and measures on this thread. The queries that tune the index are others than those that judge it. */
export async function makeCandidate(job: BuildJob, pause?: Pause): Promise<Candidate> {
  const { dim, rows, vectors, recall, before } = job
  const asked = job.queries && split(job.queries, dim)
  const options = {
    recall,
    coding: before?.shape.coding,
    ...(asked && { queries: asked.others }),
    ...(pause && { pause }),
  }
  const index = await buildIvf({ dim, rows, vectors }, options)
  const queries = asked?.judging ?? madeQueries(vectors, dim, LABELLED, 'labelled')
  const k = Math.min(RECALL_AT, Math.max(1, Math.ceil(rows.length / 10)))
  const truth = await truthOf(rows, vectors, queries, dim, k, pause)
  const other = before && new IvfSearcher(before)
  const measured: Measured = {
    ...{ size: index.size, wanted: rows.length, queries: truth.length },
    recall: widen(index, queries, truth, recall),
    recallBefore: other && recallOf(other, queries, truth),
  }
  other?.release()
  if (job.save && job.keys) saveKeys(job.save.keysPath, job.save.name, { rows, keys: job.keys })
  if (job.save) index.save(job.save.path, job.save.name)
  return { index, measured }
}

/** Every fourth judges. */
function split(queries: Float32Array, dim: number): { readonly judging: Float32Array; readonly others: Float32Array } {
  const judges = (_: number, i: number) => Math.floor(i / dim) % JUDGING === 0
  return { judging: queries.filter(judges), others: queries.filter((x, i) => !judges(x, i)) }
}

/**
 * The recall on the queries that judge. Where the cells chosen by other queries fall short of what is wanted, more are
 * read, up to half of all: a slower index is better than none, and what it costs is seen. Never fewer.
 */
function widen(index: IvfIndex, queries: Float32Array, truth: Truth, wanted: number): number {
  for (;;) {
    const recall = recallOf(index, queries, truth)
    if (recall >= wanted || 4 * index.probes > index.shape.cells) return recall
    index.probes *= 2
  }
}
