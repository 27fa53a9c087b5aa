import { TopK } from '../../foundation/base/index.ts'
import { Vectors } from '../../learning/embeddings/index.ts'
import { HistoryEncoder } from '../../learning/models/index.ts'
import type { Artifact } from '../../learning/registry/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { Histories } from '../../stream/features/index.ts'
import type { Query, Retrieved, Source } from '../pipeline/index.ts'
import type { LiveModel } from './live-model.ts'
import { readSequenceArtifact, SEQUENCE } from './sequence-artifact.ts'

const NOTHING: Retrieved = { rows: [], scores: [] }

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
  private held: Held | undefined

  constructor(state: State, histories: Histories) {
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
    this.held = artifact === undefined ? undefined : await hold(artifact, this.state)
    await before?.encoder.close()
  }

  async retrieve(query: Query, limit: number): Promise<Retrieved> {
    const { held } = this
    if (!held) return NOTHING
    const history = this.history(query, held)
    const vector = await held.encoder.encode(history)
    if (!vector) return NOTHING
    const seen = new Set(history)
    const scores = held.vectors.scores(vector)
    const top = new TopK(limit)
    for (let place = 0; place < held.rows.length; place++) {
      if (held.rows[place] < 0 || seen.has(place) || !this.state.items.has(held.rows[place])) continue
      top.offer(held.rows[place], scores[place])
    }
    return top.take()
  }

  /** Places in the model of what the viewer consumed, in order of the first time; then the item that is followed. */
  private history({ viewer, item }: Query, held: Held): number[] {
    const consumed = viewer.personal ? this.histories.consumed.view(viewer.row) : []
    const places: number[] = []
    for (const row of consumed) {
      const place = held.placeOf(row)
      if (place >= 0 && !this.histories.dismissed.includes(viewer.row, row)) places.push(place)
    }
    const followed = item < 0 ? -1 : held.placeOf(item)
    return followed >= 0 ? [...places.filter((place) => place !== followed), followed] : places
  }
}

interface Held {
  readonly version: string
  readonly encoder: HistoryEncoder
  readonly vectors: Vectors
  /** Item row of the state by place in the model; -1 for an item that the state does not know. */
  readonly rows: Int32Array
  placeOf(row: number): number
}

async function hold(artifact: Artifact, state: State): Promise<Held> {
  const { model, ids } = readSequenceArtifact(artifact)
  const rows = Int32Array.from(ids, (id) => state.items.ids.find(id))
  const places = new Int32Array(state.items.size).fill(-1)
  rows.forEach((row, place) => {
    if (row >= 0) places[row] = place
  })
  const vectors = new Vectors(model.items, model.config.width)
  vectors.set(model.table)
  return {
    version: artifact.manifest.version,
    encoder: await HistoryEncoder.open(model),
    vectors,
    rows,
    placeOf: (row) => (row < places.length ? places[row] : -1),
  }
}
