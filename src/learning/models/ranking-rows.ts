import { type EmbeddingKeys, embeddingKeys, type Hashed } from './embedding-keys.ts'

/**
 * Requests with their candidates, padded to R x K with a history of H: what a ranking model is fed from. A training
 * batch fits (its impressions are the candidates); serving fills one request with its candidates. Rows of users and
 * items; -1 is padding, or unknown. Row-major.
 */
export interface RankingRows {
  readonly shape: { readonly requests: number; readonly impressions: number; readonly history: number }
  /** [R] row of the viewer. */
  readonly user: Int32Array
  /** [R] milliseconds since 1970. */
  readonly at: Float64Array
  /** [R] code of the surface. */
  readonly surface: Uint8Array
  /** [R x H] oldest first, flush right. */
  readonly historyItem: Int32Array
  /** Seconds before the request. */
  readonly historyAgo: Float32Array
  readonly historyKind: Uint8Array
  /** 0..1; -1 when unknown. */
  readonly historyCompletion: Float32Array
  /** 1 for an entry, 0 for padding. */
  readonly historyMask: Float32Array
  /** [R x K] */
  readonly item: Int32Array
  /** [R x K] place in the slate, -1 when unknown: always when serving. */
  readonly position: Int16Array
  /** [R x K x columns] as the features gave them. */
  readonly features: Float32Array
  /** [R] bit g is set when group g of the specification is missing; nothing is missing when left out. */
  readonly missing?: Uint32Array
  /** [R x K] 1 where the id of a candidate is withheld, so that only its facts speak. */
  readonly hidden?: Uint8Array
}

/** What the catalogue knows of items, by row. */
export interface ItemFacts {
  /** Row of the creator, -1 when unknown. */
  creator(item: number): number
  /** Rows of the categories. */
  categories(item: number): ArrayLike<number>
  /** Writes the content vector; zeros when there is none. Asked by the item tower only. */
  content?(item: number, out: Float32Array): void
  /** When an item came out, milliseconds since 1970; NaN or left out, nobody knows. Asked in training only. */
  published?(item: number): number
  /** Under which numbers the tables know rows. Left out, they know the rows themselves. */
  readonly keys?: EmbeddingKeys
  /** Changes when the creator or the categories of an item do. Left out, they never do. */
  revision?(): number
}

/** The catalogue's columns as facts. */
export function factsOf(
  { items, users }: CatalogueFacts,
  vectors?: { vectorOf(row: number, out: Float32Array): void },
): ItemFacts {
  const { ids, creators, categories } = items
  return {
    keys: embeddingKeys({ item: ids, creator: creators, category: categories, user: users.ids }),
    creator: (item) => (item >= 0 && item < items.creator.rows ? items.creator.array[item] : -1),
    categories: (item) => (item >= 0 ? items.categoriesOf.view(item) : []),
    published: (item) => (item >= 0 && item < items.published.rows ? items.published.array[item] : Number.NaN),
    revision: () => items.reclassified.value,
    ...(vectors && { content: (item, out) => vectors.vectorOf(item, out) }),
  }
}

/** What facts are taken from: a state fits. */
export interface CatalogueFacts {
  readonly items: {
    readonly creator: { readonly array: Int32Array; readonly rows: number }
    readonly categoriesOf: { view(row: number): ArrayLike<number> }
    /** Milliseconds since 1970. */
    readonly published: { readonly array: Float64Array; readonly rows: number }
    readonly reclassified: { readonly value: number }
    readonly ids: Hashed
    readonly creators: Hashed
    readonly categories: Hashed
  }
  readonly users: { readonly ids: Hashed }
}

/** Items about which nothing is known but that they exist. */
export const noFacts: ItemFacts = { creator: () => -1, categories: () => [] }

/** Rows that say what is missing. */
export type FullRows = RankingRows & Required<Pick<RankingRows, 'missing'>>

/** Empty rows: all padding, nothing missing. */
export function emptyRows(requests: number, impressions: number, history: number, columns: number): FullRows {
  return {
    shape: { requests, impressions, history },
    user: new Int32Array(requests).fill(-1),
    at: new Float64Array(requests),
    surface: new Uint8Array(requests),
    historyItem: new Int32Array(requests * history).fill(-1),
    historyAgo: new Float32Array(requests * history),
    historyKind: new Uint8Array(requests * history),
    historyCompletion: new Float32Array(requests * history).fill(-1),
    historyMask: new Float32Array(requests * history),
    item: new Int32Array(requests * impressions).fill(-1),
    position: new Int16Array(requests * impressions).fill(-1),
    features: new Float32Array(requests * impressions * columns),
    missing: new Uint32Array(requests),
  }
}

/** A request without its candidates. */
export interface RequestFacts {
  /** Row; -1 for a stranger. */
  readonly user: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** Code in the header of the samples: place of the surface + 1; 0 for any other. */
  readonly surface: number
  /** Oldest first. The latest ones are read. */
  readonly history: {
    readonly items: ArrayLike<number>
    /** Seconds before the request. */
    readonly ago: ArrayLike<number>
    readonly kinds: ArrayLike<number>
    /** -1 when unknown. */
    readonly completions: ArrayLike<number>
  }
}

/** Writes row `r`, but for its candidates: the latest entries of the history, flush right. */
export function writeRequest(rows: RankingRows, r: number, { user, at, surface, history }: RequestFacts): void {
  const { items, ago, kinds, completions } = history
  const T = rows.shape.history
  rows.user[r] = user
  rows.at[r] = at
  rows.surface[r] = surface
  const skip = items.length - T
  for (let t = 0; t < T; t++) {
    const i = skip + t
    const to = r * T + t
    rows.historyItem[to] = i < 0 ? -1 : items[i]
    rows.historyAgo[to] = i < 0 ? 0 : ago[i]
    rows.historyKind[to] = i < 0 ? 0 : kinds[i]
    rows.historyCompletion[to] = i < 0 ? -1 : completions[i]
    rows.historyMask[to] = i < 0 ? 0 : 1
  }
}
