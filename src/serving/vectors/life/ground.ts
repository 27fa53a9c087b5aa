import { type Clock, type Random, SluiceError } from '../../../foundation/base/index.ts'
import { ExactIndex } from '../exact.ts'
import type { IvfIndex } from '../ivf/ivf.ts'
import type { VectorIndex } from '../vector-index.ts'
import type { BuildIndex } from './candidate.ts'
import { type KeyedRows, keysOf, matchKeys, type VectorKeys } from './keys.ts'
import type { LifeLimits } from './limits.ts'
import type { Shelf } from './shelf.ts'
import type { SwapWatch } from './swap-watch.ts'

/** Vectors from which on an inverted file is built; fewer are searched exactly, which then takes under a millisecond. */
export const INVERT_FROM = 20_000
/** What the indexes of one source stand on. */
export interface LifeGround {
  readonly shelf: Shelf
  readonly clock: Clock
  readonly build: BuildIndex
  readonly limits: LifeLimits
  readonly watch: SwapWatch
  /** Draws the live queries that a new index is asked too. */
  readonly random: Random
  /** Told of every build, swap, refusal and rollback. */
  readonly tell: (what: IndexNews) => void
  /** Goes back to the embeddings before, when slates speak against these ones. Missing: there is no way back. */
  readonly goBack?: (why: string) => void
  /** Where rows may be numbered anew by a restart: what tells whose vector is whose. Missing: rows last. */
  readonly keys?: VectorKeys
  /** Queries [q, dim] as viewers would ask them, while too few were asked; undefined: nobody is there to ask. */
  readonly asked?: () => Promise<Float32Array | undefined>
  /** Vectors from which on an inverted file is built. Default INVERT_FROM. */
  readonly invertFrom?: number
}

export interface IndexNews {
  readonly what: 'built' | 'swapped' | 'refused' | 'rolled back' | 'shadow'
  readonly name: string
  readonly why: string
  /** Of one that was built: against the exact answer. */
  readonly recall?: number
}

/** One index with its name. */
export interface Generation {
  readonly name: string
  readonly index: VectorIndex
}

/** One from the shelf, its vectors in the rows that have them now: what nobody has any more is gone from it. */
export function openKeyed(ground: LifeGround, name: string, living: KeyedRows): Generation | undefined {
  return openOr(ground, name, ({ shelf }) => {
    const rowOf = matchKeys(shelf.keys(name), living)
    const index = shelf.open(name) as IvfIndex // only inverted files are written to a shelf
    index.renumber(rowOf)
    return index
  })
}

/**
 * An earlier one of the same embeddings as one that serves: what came or changed since it was written is taken from that
 * one. An exact one is made from it.
 */
export function openBeside(ground: LifeGround, name: string, live: VectorIndex): Generation | undefined {
  if (name.endsWith('@exact')) return { name, index: ExactIndex.of(live) }
  if (!ground.keys) return openOr(ground, name)
  const opened = openKeyed(ground, name, keysOf(live, ground.keys))
  if (!opened) return undefined
  const vector = new Float32Array(live.dim)
  for (const row of live.rows()) {
    if (!opened.index.has(row) && live.read(row, vector)) opened.index.upsert(row, vector)
  }
  return opened
}

/** One from the shelf; undefined, and told, when its file is refused. */
export function openOr(
  ground: LifeGround,
  name: string,
  open: (ground: LifeGround) => VectorIndex = ({ shelf }) => shelf.open(name),
): Generation | undefined {
  try {
    return { name, index: open(ground) }
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'ERR_INDEX_INVALID') throw error
    ground.tell({ what: 'refused', name, why: error.message })
    return undefined
  }
}

/** An exact index is four times the size of the inverted file that follows it, and can be made from that again. */
export const lasting = (index: VectorIndex): VectorIndex | undefined => (index.kind === 'exact' ? undefined : index)

/** Puts a vector into an index, if there is one; false where it has no room for it. */
export function takes(index: VectorIndex | undefined, row: number, vector: Float32Array): boolean {
  try {
    index?.upsert(row, vector)
    return true
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'ERR_INDEX_FULL') return false
    throw error
  }
}
