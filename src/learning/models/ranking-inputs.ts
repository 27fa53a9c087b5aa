import { DAY, HOUR, hashPair } from '../../foundation/base/index.ts'
import { CONTENT_DIMENSIONS } from '../../stream/features/index.ts'
import type { DType } from '../graph/index.ts'
import type { Normaliser } from './dense-columns.ts'
import { type FeatureSpec, historyGroup, viewerGroup } from './feature-spec.ts'
import type { ItemFacts, RankingRows } from './ranking-rows.ts'

/** How a value lies in a batch: one per request, per history entry or per candidate. */
export type Per = 'request' | 'history' | 'candidate'

/** Buckets of the time since a history entry: bucket b from 1 on begins at 2^(b-1) - 1 seconds; 0 is now. */
export const AGES = 32
/** Codes of the share watched: 0 unknown, then quarters. */
export const SHARES = 5
export const HOURS = 24
/** Codes of the position on one surface: 0 unknown, then one per position; the last one is for all beyond. */
export const POSITIONS = 33
/** Categories of an item that are used, the first ones. */
const CATEGORIES_MAX = 4

/** What inputs are filled from, beside the rows. */
export interface InputGround {
  readonly spec: FeatureSpec
  readonly normaliser: Normaliser
  readonly facts: ItemFacts
}

export interface PlainInput {
  readonly dtype: DType
  readonly per: Per
  /** Numbers each; 0 for a single one without an axis. */
  readonly width: (spec: FeatureSpec) => number
  fill(rows: RankingRows, ground: InputGround, out: { [i: number]: number }): void
  readonly say: string
}

/** Inputs that are numbers and small codes. */
export const plainInputs = {
  dense: {
    dtype: 'float32',
    per: 'candidate',
    width: ({ columns }) => columns.length,
    fill: ({ features, shape }, { normaliser }, out) =>
      normaliser.apply(features, shape.requests * shape.impressions, out as Float32Array),
    say: 'dense features, normalised',
  },
  present: {
    dtype: 'float32',
    per: 'request',
    width: ({ groups }) => groups.length,
    fill: ({ missing, shape }, { spec: { groups } }, out) => {
      for (let r = 0, i = 0; r < shape.requests; r++)
        for (let group = 0; group < groups.length; group++, i++) out[i] = isMissing(missing, r, group) ? 0 : 1
    },
    say: '1 for each group of features that is there, 0 for one that is missing',
  },
  'history.mask': {
    dtype: 'float32',
    per: 'history',
    width: () => 0,
    fill: ({ historyMask, missing, shape }, { spec: { groups } }, out) => {
      const group = groups.indexOf(historyGroup)
      for (let i = 0; i < historyMask.length; i++)
        out[i] = isMissing(missing, Math.floor(i / shape.history), group) ? 0 : historyMask[i]
    },
    say: '1 for an entry, 0 for padding',
  },
  'history.age': {
    dtype: 'int32',
    per: 'history',
    width: () => 0,
    fill: ({ historyAgo }, _, out) => {
      for (let i = 0; i < historyAgo.length; i++) out[i] = ageBucket(historyAgo[i])
    },
    say: 'bucket of the time since',
  },
  'history.kind': {
    dtype: 'int32',
    per: 'history',
    width: () => 0,
    fill: ({ historyKind }, { spec: { kinds } }, out) => {
      for (let i = 0; i < historyKind.length; i++) out[i] = Math.min(kinds - 1, historyKind[i])
    },
    say: 'code of the strongest act',
  },
  'history.share': {
    dtype: 'int32',
    per: 'history',
    width: () => 0,
    fill: ({ historyCompletion }, _, out) => {
      for (let i = 0; i < historyCompletion.length; i++)
        out[i] = historyCompletion[i] >= 0 ? 1 + Math.min(3, Math.floor(historyCompletion[i] * 4)) : 0
    },
    say: 'quarter of the share watched',
  },
  surface: {
    dtype: 'int32',
    per: 'request',
    width: () => 0,
    fill: ({ surface }, { spec: { surfaces } }, out) => {
      for (let r = 0; r < surface.length; r++) out[r] = surface[r] < surfaces ? surface[r] : 0
    },
    say: 'code of the surface',
  },
  hour: {
    dtype: 'int32',
    per: 'request',
    width: () => 0,
    fill: ({ at }, _, out) => {
      for (let r = 0; r < at.length; r++) out[r] = Math.floor((at[r] % DAY) / HOUR)
    },
    say: 'hour of the day, UTC',
  },
  position: {
    dtype: 'int32',
    per: 'candidate',
    width: () => 0,
    fill: ({ position, surface, shape }, { spec: { surfaces } }, out) => {
      for (let r = 0, i = 0; r < shape.requests; r++) {
        const first = (surface[r] < surfaces ? surface[r] : 0) * POSITIONS
        for (let k = 0; k < shape.impressions; k++, i++)
          out[i] = first + Math.max(0, Math.min(POSITIONS - 1, position[i] + 1))
      }
    },
    say: 'surface and position in the slate; the position is unknown when serving',
  },
  content: {
    dtype: 'float32',
    per: 'candidate',
    width: () => CONTENT_DIMENSIONS,
    fill: ({ item }, { facts }, out) => {
      const vectors = out as Float32Array
      vectors.fill(0)
      if (!facts.content) return
      for (let i = 0; i < item.length; i++)
        if (item[i] >= 0) facts.content(item[i], vectors.subarray(i * CONTENT_DIMENSIONS, (i + 1) * CONTENT_DIMENSIONS))
    },
    say: 'content vector of the candidate, zeros when it has none',
  },
} as const satisfies Record<string, PlainInput>
export type PlainName = keyof typeof plainInputs

/** The tables of embeddings, and how wide their rows are: a multiple of 4. */
export const tables = {
  item: ({ width }: FeatureSpec) => width,
  creator: ({ width }: FeatureSpec) => width,
  category: ({ width }: FeatureSpec) => width,
  user: ({ width }: FeatureSpec) => width,
  /** The wide part: one weight per head and crossed pair. */
  cross: ({ heads }: FeatureSpec) => Math.ceil(heads.length / 4) * 4,
} as const
export type TableName = keyof typeof tables
export const tableNames = Object.keys(tables) as readonly TableName[]

export interface EmbeddedInput {
  readonly table: TableName
  readonly per: Per
  /** Most ids of one place; their embeddings are averaged. */
  readonly bag: number
  /** Writes ids [places x bag]; -1, which reads NO_ID, for none. */
  ids(rows: RankingRows, spec: FeatureSpec, facts: ItemFacts, out: Uint32Array): void
  readonly say: string
}

/** Inputs that are gathered from tables outside the graph. */
export const embeddedInputs = {
  viewer: {
    table: 'user',
    per: 'request',
    bag: 1,
    ids: ({ user, missing }, { groups }, _, out) => {
      const group = groups.indexOf(viewerGroup)
      for (let r = 0; r < user.length; r++) out[r] = isMissing(missing, r, group) ? -1 : user[r]
    },
    say: 'the viewer',
  },
  'history.item': itemsOf('history', ({ historyItem }) => historyItem),
  'history.creator': creatorsOf('history', ({ historyItem }) => historyItem),
  'history.category': categoriesOf('history', ({ historyItem }) => historyItem),
  'candidate.item': itemsOf('candidate', ({ item, hidden }) =>
    hidden ? item.map((row, i) => (hidden[i] ? -1 : row)) : item,
  ),
  'candidate.creator': creatorsOf('candidate', ({ item }) => item),
  'candidate.category': categoriesOf('candidate', ({ item }) => item),
  'candidate.cross': {
    table: 'cross',
    per: 'candidate',
    bag: 3,
    ids: ({ shape, item, historyItem, historyMask, surface, missing }, { groups }, facts, out) => {
      const group = groups.indexOf(historyGroup)
      for (let i = 0; i < item.length; i++) {
        const r = Math.floor(i / shape.impressions)
        const end = (r + 1) * shape.history - 1
        const latest = historyMask[end] === 1 && !isMissing(missing, r, group) ? historyItem[end] : -1
        const known = item[i] >= 0
        const { item: itemKey = same, creator: creatorKey = same, category: categoryKey = same } = facts.keys ?? {}
        out[i * 3] = known && latest >= 0 ? crossed(itemKey(latest), itemKey(item[i]), 0) : -1
        const [mine, its] = known && latest >= 0 ? [facts.creator(latest), facts.creator(item[i])] : [-1, -1]
        out[i * 3 + 1] = mine >= 0 && its >= 0 ? crossed(creatorKey(mine), creatorKey(its), 1) : -1
        const category = known ? facts.categories(item[i])[0] : undefined
        const ofCategory = category === undefined ? -1 : categoryKey(category)
        out[i * 3 + 2] = known ? crossed(surface[r], ofCategory, 2) : -1
      }
    },
    say: 'latest item x item, latest creator x creator, surface x first category',
  },
} as const satisfies Record<string, EmbeddedInput>

/** Inputs that are sums of embedded ones: one array and one gradient instead of three. */
export const summedInputs = {
  'history.token': ['history.item', 'history.creator', 'history.category'],
  'candidate.token': ['candidate.item', 'candidate.creator', 'candidate.category'],
} as const satisfies Record<string, readonly (keyof typeof embeddedInputs)[]>

export type EmbeddedName = keyof typeof embeddedInputs | keyof typeof summedInputs
export const embeddedNames = [...Object.keys(embeddedInputs), ...Object.keys(summedInputs)] as readonly EmbeddedName[]

/** What an input is gathered from: itself, or the parts of its sum, all of one width. */
export function partsOf(name: EmbeddedName): readonly EmbeddedInput[] {
  return name in summedInputs
    ? summedInputs[name as keyof typeof summedInputs].map((part) => embeddedInputs[part])
    : [embeddedInputs[name as keyof typeof embeddedInputs]]
}

export function ageBucket(seconds: number): number {
  return seconds >= 0 ? Math.min(AGES - 1, 1 + Math.floor(Math.log2(1 + seconds))) : 0
}

function itemsOf(per: Per, rowsOf: (rows: RankingRows) => Int32Array): EmbeddedInput {
  const ids: EmbeddedInput['ids'] = (rows, _, __, out) => out.set(rowsOf(rows))
  return { table: 'item', per, bag: 1, ids, say: `items of the ${per}` }
}

function creatorsOf(per: Per, rowsOf: (rows: RankingRows) => Int32Array): EmbeddedInput {
  const ids: EmbeddedInput['ids'] = (rows, _, facts, out) => {
    const items = rowsOf(rows)
    for (let i = 0; i < items.length; i++) out[i] = items[i] < 0 ? -1 : facts.creator(items[i])
  }
  return { table: 'creator', per, bag: 1, ids, say: `creators of the ${per}` }
}

function categoriesOf(per: Per, rowsOf: (rows: RankingRows) => Int32Array): EmbeddedInput {
  const ids: EmbeddedInput['ids'] = (rows, _, facts, out) => {
    const items = rowsOf(rows)
    for (let i = 0; i < items.length; i++) {
      const categories = items[i] < 0 ? [] : facts.categories(items[i])
      for (let b = 0; b < CATEGORIES_MAX; b++) out[i * CATEGORIES_MAX + b] = categories[b] ?? -1
    }
  }
  return { table: 'category', per, bag: CATEGORIES_MAX, ids, say: `categories of the ${per}, averaged` }
}

const same = (row: number): number => row
const crossed = (a: number, b: number, template: number): number => hashPair(hashPair(a, b), template)
const isMissing = (missing: Uint32Array | undefined, request: number, group: number): boolean =>
  missing !== undefined && ((missing[request] >>> group) & 1) === 1
