import {
  factsOf,
  historyAt,
  type ItemFacts,
  type RequestFacts,
  type TwoTowerEncoder,
} from '../../learning/models/index.ts'
import type { Artifact } from '../../learning/registry/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { ContentVectors, Histories } from '../../stream/features/index.ts'
import type { Query, Retrieved, Source } from '../pipeline/index.ts'
import { ExactIndex, searchMost } from '../vectors/index.ts'
import { ItemVectors } from './item-vectors.ts'
import type { LiveModel } from './live-model.ts'
import { exactly, type OpenIndex } from './open-index.ts'
import { openTowers, TWO_TOWER, type TwoTowerEntry } from './two-tower-artifact.ts'

const NOTHING: Retrieved = { rows: [], scores: [] }
/** What the item that a request follows counts as, at the end of the history. */
const FOLLOWED_KIND = 'click'

export interface TwoTowerGround {
  readonly state: State
  readonly histories: Histories
  readonly vectors: ContentVectors
  /** How indexes are opened. Default exact ones that nobody keeps. */
  readonly open?: OpenIndex
  /** Is told when items cannot be encoded; they are tried again. */
  readonly failed?: (error: unknown) => void
}

/**
 * What two trained towers expect: the viewer's tower is run once per request on the history and context of that moment,
 * the items' tower once per item whenever it is put or changed. Without a live version it proposes nothing. Versions are
 * swapped whole, between two requests, when every item has its vector. Call before the first entry is folded.
 */
export class TwoTowerSource implements Source, LiveModel {
  readonly name = TWO_TOWER
  readonly model = TWO_TOWER
  private readonly ground: TwoTowerGround
  private readonly facts: ItemFacts
  private readonly followedKind: number
  private held: Held | undefined
  private coming: Held | undefined

  constructor(ground: TwoTowerGround) {
    const { state, vectors } = ground
    this.ground = ground
    this.facts = factsOf(state, vectors)
    this.followedKind = Math.max(0, state.kinds.code(FOLLOWED_KIND))
    state.add({
      name: TWO_TOWER,
      apply() {},
      forget() {},
      shelve() {}, // vectors are made anew from the catalogue by whatever version is live
      itemChanged: (row, alive) => {
        this.held?.items.changed(row, alive)
        this.coming?.items.changed(row, alive)
      },
    })
  }

  /** The version that answers, or undefined. */
  get version(): string | undefined {
    return this.held?.version
  }

  /** Items that can be found. */
  get size(): number {
    return this.held?.items.index.size ?? 0
  }

  /** Takes a version into use; the one before answers until all is ready. @throws SluiceError for files that do not fit */
  async use(artifact: Artifact | undefined): Promise<void> {
    const next = artifact && (await this.hold(artifact))
    const before = this.held
    this.held = next
    await before?.items.close()
    await before?.encoder.close()
  }

  /** Resolves when every item that was put has its vector. */
  async settled(): Promise<void> {
    await this.held?.items.settled()
  }

  async retrieve(query: Query, limit: number): Promise<Retrieved> {
    const { held } = this
    if (!held) return NOTHING
    const vector = await held.encoder.encodeUsers([this.request(query, held)])
    const seen = this.seen(query)
    const { items } = this.ground.state
    return searchMost(held.items.index, vector, limit, (row) => items.has(row) && !seen.has(row), seen.size)
  }

  private async hold(artifact: Artifact): Promise<Held> {
    const { state, open = exactly, failed = () => undefined } = this.ground
    const { manifest } = artifact
    const config = manifest.config as unknown as TwoTowerEntry
    const name = `${manifest.name}/${manifest.version}`
    const encoder = await openTowers(name, config, (file) => artifact.path(file), this.facts)
    const encode = (rows: Uint32Array) => encoder.encodeItems(rows)
    const exact = new ExactIndex(encoder.units)
    const items = new ItemVectors(state, exact, encode, failed)
    const next: Held = { version: manifest.version, config, encoder, items }
    this.coming = next
    try {
      await items.fill()
      await items.settled()
      const { index, settled } = open(manifest.version, () => exact)
      items.index = index
      if (this.held) await settled()
    } catch (error) {
      await items.close()
      await encoder.close()
      throw error
    } finally {
      this.coming = undefined
    }
    return next
  }

  /** The viewer as they are now; the item that is followed stands at the end of the history. */
  private request({ viewer, item, at, surface }: Query, { config }: Held): RequestFacts {
    const { spec } = config.model
    const past = historyAt(this.ground.histories, viewer.personal ? viewer.row : -1, at, spec.history)
    const code = config.surfaces.indexOf(surface)
    const request = { user: -1, at, surface: Math.max(0, code), history: past }
    if (item < 0) return request
    const { items, ago, kinds, completions } = past
    const history = {
      items: [...Array.from(items), item],
      ago: [...Array.from(ago), 0],
      kinds: [...Array.from(kinds), this.followedKind],
      completions: [...Array.from(completions), -1],
    }
    return { ...request, history }
  }

  private seen({ viewer, item, plan }: Query): ReadonlySet<number> {
    const seen = new Set<number>(item < 0 ? [] : [item])
    if (viewer.personal && plan.seen === 'remove')
      for (const row of this.ground.histories.consumed.view(viewer.row)) seen.add(row)
    return seen
  }
}

interface Held {
  readonly version: string
  readonly config: TwoTowerEntry
  readonly encoder: TwoTowerEncoder
  readonly items: ItemVectors
}
