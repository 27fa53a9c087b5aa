import { hash32 } from '../../foundation/base/index.ts'
import { type DenseColumn, fitColumns, type FitOptions } from './dense-columns.ts'

/** Pseudo groups beside those of the dense columns: the viewer's embedding and the history can be missing too. */
export const historyGroup = 'history'
export const viewerGroup = 'viewer'
/** What is missing is said in the bits of a word. */
const GROUPS_MAX = 32

/** All that a model must know of its inputs. Plain data: it lies in the manifest, beside the weights. */
export interface FeatureSpec {
  /** Digest of the features that the columns were fitted on: others are refused. */
  readonly featureDigest: string
  readonly columns: readonly DenseColumn[]
  /** What may be missing as a whole: the first words of the column names, then history and viewer. */
  readonly groups: readonly string[]
  /** Place in `groups` of each column. */
  readonly groupOf: readonly number[]
  /** Names of the heads, in the order of the labels. */
  readonly heads: readonly string[]
  /** Codes of surfaces are 0 to surfaces - 1, of event kinds 0 to kinds - 1. */
  readonly surfaces: number
  readonly kinds: number
  /** T: history entries, the latest ones. */
  readonly history: number
  /** d: numbers in the embedding of an item, a creator, a category, a user; a multiple of 4. */
  readonly width: number
}

/** What samples say about themselves: the header of a dataset fits. */
export interface FeatureSource {
  readonly featureNames: readonly string[]
  readonly featureDigest: string
  readonly heads: readonly string[]
  readonly kinds: readonly string[]
  readonly surfaces: readonly string[]
}

export interface FeatureSpecOptions extends FitOptions {
  /** T. Default 20. */
  readonly history?: number
  /** d. Default 32. */
  readonly width?: number
}

/** Fits a specification on blocks of features [rows x names]. */
export function fitFeatureSpec(
  source: FeatureSource,
  blocks: Iterable<Float32Array>,
  { history = 20, width = 32, ...fit }: FeatureSpecOptions = {},
): FeatureSpec {
  if (!Number.isInteger(history) || history < 1) throw new RangeError(`history must be at least 1, not ${history}`)
  if (!(width > 0 && width % 4 === 0)) throw new RangeError(`width must be a multiple of 4, not ${width}`)
  const columns = source.featureNames.length === 0 ? [] : fitColumns(source.featureNames, blocks, fit)
  const first = columns.map(({ name }) => name.split('.')[0] as string)
  const groups = [...new Set(first), historyGroup, viewerGroup]
  if (groups.length > GROUPS_MAX)
    throw new RangeError(`Cannot tell ${groups.length} groups of features apart: at most 32`)
  return {
    featureDigest: source.featureDigest,
    columns,
    groups,
    groupOf: first.map((group) => groups.indexOf(group)),
    heads: source.heads,
    surfaces: Math.max(1, source.surfaces.length),
    kinds: Math.max(1, source.kinds.length),
    history,
    width,
  }
}

/** Short hash of a specification: equal digests, exchangeable models. */
export function specDigest(spec: FeatureSpec): string {
  const text = JSON.stringify(spec)
  return [0, 1].map((seed) => hash32(text, seed).toString(16).padStart(8, '0')).join('')
}
