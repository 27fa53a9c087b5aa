import { HistoryEncoder, type SequenceModel } from '../../learning/models/index.ts'
import type { Artifact } from '../../learning/registry/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { Histories } from '../../stream/features/index.ts'
import type { Filter, Query, Retrieved, Source } from '../pipeline/index.ts'
import type { LiveModel } from './live-model.ts'
import { ExactIndex, type Found, type VectorIndex } from '../vectors/index.ts'
import { homeless, type IndexHome, type OfVectors } from './index-home.ts'
import { searchEligible } from './search-eligible.ts'
import { readSequenceArtifact, SEQUENCE } from './sequence-artifact.ts'
import { viewerQueries } from './viewer-queries.ts'

const NOTHING: Retrieved = { rows: [], scores: [] }
/** Items of the model among the best that may be gone from the catalogue by now; when more are, it is searched again. */
const GONE = 50

/**
 * What a trained sequence model expects next: the viewer's history is encoded once, and its inner product with every
 * item's vector orders the catalogue. Without a live model it proposes nothing. Versions are swapped whole, between
 * two requests.
 */
export class SequenceSource implements Source, LiveModel {
  readonly name = SEQUENCE
  readonly model = SEQUENCE
  private readonly state: State
  private readonly histories: Histories
  private readonly home: IndexHome
  private readonly filters: readonly Filter[]
  private held: Held | undefined

  /** `filters`: of every request; what they leave little of is searched for what passes. */
  constructor(state: State, histories: Histories, home: IndexHome = homeless, filters: readonly Filter[] = []) {
    this.home = home
    this.filters = filters
    this.state = state
    this.histories = histories
  }

  /** The version that answers, or undefined. */
  get version(): string | undefined {
    return this.held?.version
  }

  /** Takes a version into use; the one before finishes what it is doing. @throws SluiceError for files that do not fit */
  async use(artifact: Artifact | undefined): Promise<void> {
    const before = this.held
    this.held = artifact === undefined ? undefined : await this.hold(artifact, before !== undefined)
    if (this.held) this.home.serve(this.held.version)
    if (before && before.version !== this.held?.version) this.home.drop(before.version)
    await before?.encoder.close()
  }

  /** All of it is known at once. */
  settled(): Promise<void> {
    return Promise.resolve()
  }

  async retrieve(query: Query, limit: number): Promise<Retrieved> {
    const { held } = this
    if (!held) return NOTHING
    const history = this.history(query, held)
    const vector = await held.encoder.encode(history)
    if (!vector) return NOTHING
    const seen = new Set(history)
    const { rows } = held
    const { items } = this.state
    const allow = (place: number) => rows[place] >= 0 && !seen.has(place) && items.has(rows[place])
    const itemOf = (place: number) => rows[place] as number
    const eligible = { allow, few: seen.size + GONE, filters: this.filters, query, itemOf }
    return inRows(searchEligible(held.index, vector, limit, eligible), rows)
  }

  /** Opens a version; where another serves meanwhile, `ready`, with its index as quick as it will be. */
  private async hold(artifact: Artifact, ready: boolean): Promise<Held> {
    const { state, histories, home } = this
    const { model, ids } = readSequenceArtifact(artifact)
    const rows = Int32Array.from(ids, (id) => state.items.ids.find(id))
    const places = new Int32Array(state.items.size).fill(-1)
    rows.forEach((row, place) => {
      if (row >= 0) places[row] = place
    })
    const placeOf = (row: number) => (row < places.length ? places[row] : -1)
    const { version } = artifact.manifest
    const encoder = await HistoryEncoder.open(model)
    const encode = (viewers: readonly number[]) =>
      Promise.all(viewers.map((viewer) => encoder.encode(this.consumed(viewer, placeOf))))
    const of: OfVectors = { asked: () => viewerQueries(state, histories, encode) }
    const index = home.borrow?.(version) ?? (await opened(home, version, model, of, ready))
    return { version, encoder, index, rows, placeOf }
  }

  /** Places in the model of what a viewer consumed, in order of the first time, but for what they waved away. */
  private consumed(viewer: number, placeOf: Held['placeOf']): number[] {
    const { consumed, dismissed } = this.histories
    const places: number[] = []
    for (const row of consumed.view(viewer)) {
      const place = placeOf(row)
      if (place >= 0 && !dismissed.includes(viewer, row)) places.push(place)
    }
    return places
  }

  /** What the viewer consumed, then the item that is followed. */
  private history({ viewer, item }: Query, held: Held): number[] {
    const places = viewer.personal ? this.consumed(viewer.row, held.placeOf) : []
    const followed = item < 0 ? -1 : held.placeOf(item)
    return followed >= 0 ? [...places.filter((place) => place !== followed), followed] : places
  }
}

interface Held {
  readonly version: string
  readonly encoder: HistoryEncoder
  /** Of places in the model. */
  readonly index: Pick<VectorIndex, 'search'>
  /** Item row of the state by place in the model; -1 for an item that the state does not know. */
  readonly rows: Int32Array
  placeOf(row: number): number
}

async function opened(
  home: IndexHome,
  version: string,
  model: SequenceModel,
  of: OfVectors,
  ready: boolean,
): Promise<VectorIndex> {
  const { index, settled } = home.open(version, () => exactOf(model), of)
  if (ready) await settled()
  return index
}

function exactOf({ items, table, config: { width } }: SequenceModel): ExactIndex {
  const index = new ExactIndex(width)
  for (let place = 0; place < items; place++) {
    const vector = table.subarray(place * width, (place + 1) * width)
    if (vector.some((x) => x !== 0)) index.upsert(place, vector)
  }
  return index
}

/** Places become rows of items; equal scores then stand in the order of rows. */
function inRows({ rows: places, scores }: Found, rowOf: Int32Array): Retrieved {
  const rows = Uint32Array.from(places, (place) => rowOf[place])
  for (let from = 0; from < rows.length; ) {
    let to = from + 1
    while (to < rows.length && scores[to] === scores[from]) to++
    if (to - from > 1) rows.subarray(from, to).sort()
    from = to
  }
  return { rows, scores }
}
