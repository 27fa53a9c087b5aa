import {
  factsOf,
  historyAt,
  type ItemFacts,
  itemPrint,
  type RequestFacts,
  type TwoTowerEncoder,
} from '../../learning/models/index.ts'
import type { Artifact } from '../../learning/registry/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { ContentVectors, Histories } from '../../stream/features/index.ts'
import type { Query, Retrieved, Source } from '../pipeline/index.ts'
import { type BorrowedIndex, ExactIndex, searchMost } from '../vectors/index.ts'
import { type ChangeIndex, ItemVectors } from './item-vectors.ts'
import type { LiveModel } from './live-model.ts'
import { homeless, type IndexHome } from './index-home.ts'
import { openTowers, TWO_TOWER, type TwoTowerEntry } from './two-tower-artifact.ts'

const NOTHING: Retrieved = { rows: [], scores: [] }
/** What the item that a request follows counts as, at the end of the history. */
const FOLLOWED_KIND = 'click'

/** A version from before a restart answers at once when so many of the items have their vector from the index kept. */
const ANSWERS_FROM = 0.95

export interface TwoTowerGround {
  readonly state: State
  readonly histories: Histories
  readonly vectors: ContentVectors
  /** Where indexes come from. Default exact ones that nobody keeps. */
  readonly home?: IndexHome
}

/**
 * What two trained towers expect: the viewer's tower is run once per request on the history and context of that moment,
 * the items' tower once per item whenever it is put or changed. Without a live version it proposes nothing. A version
 * takes over when every item has its vector and the index is as quick as it will be: between two requests, and without
 * anybody waiting for it. After a restart the vectors are read from the index that was kept. Call before the first entry
 * is folded.
 */
export class TwoTowerSource implements Source, LiveModel {
  readonly name = TWO_TOWER
  readonly model = TWO_TOWER
  private readonly ground: TwoTowerGround
  private readonly home: IndexHome
  private readonly facts: ItemFacts
  private readonly followedKind: number
  private held: Held | undefined
  private next: Held | undefined
  private arriving: Promise<void> | undefined
  private changing: ChangeIndex = (work) => work()

  constructor(ground: TwoTowerGround) {
    const { state, vectors, home = homeless } = ground
    this.ground = ground
    this.home = home
    this.facts = factsOf(state, vectors)
    this.followedKind = Math.max(0, state.kinds.code(FOLLOWED_KIND))
    state.add({
      name: TWO_TOWER,
      apply() {},
      forget() {},
      shelve() {}, // vectors are no fold of the journal: they are kept with their index, or made anew
      itemChanged: (row, alive) => {
        this.held?.items?.changed(row, alive)
        this.next?.items?.changed(row, alive)
      },
    })
  }

  get version(): string | undefined {
    return this.held?.version
  }

  get coming(): string | undefined {
    return this.next?.version
  }

  /** Items that can be found. */
  get size(): number {
    return this.held?.items?.index.size ?? 0
  }

  /** Has vectors put when no other thread searches them; those of a version that is not in use yet, at once. */
  set change(change: ChangeIndex) {
    this.changing = change
    if (this.held?.items) this.held.items.change = change
  }

  /** Begins with a version; it is in use at once if its index was kept. @throws SluiceError for files that do not fit */
  async use(artifact: Artifact | undefined): Promise<void> {
    const version = artifact?.manifest.version
    if (version !== undefined && version === this.coming) return
    const late = this.next
    this.next = undefined
    await close(late)
    if (version !== undefined && version === this.version) return
    if (artifact) return this.begin(artifact)
    const before = this.held
    this.held = undefined
    await close(before)
  }

  /** Resolves when no version is coming, and every item that was put has its vector. */
  async settled(): Promise<void> {
    await this.arriving
    await this.held?.items?.settled()
  }

  async retrieve(query: Query, limit: number): Promise<Retrieved> {
    const { held } = this
    if (!held) return NOTHING
    const vector = await held.encoder.encodeUsers([this.request(query, held)])
    const seen = this.seen(query)
    const { items } = this.ground.state
    return searchMost(indexOf(held), vector, limit, (row) => items.has(row) && !seen.has(row), seen.size)
  }

  private async begin(artifact: Artifact): Promise<void> {
    const { state } = this.ground
    const { manifest } = artifact
    const config = manifest.config as unknown as TwoTowerEntry
    const name = `${manifest.name}/${manifest.version}`
    const encoder = await openTowers(name, config, (file) => artifact.path(file), this.facts)
    if (this.home.borrow) {
      const index = this.home.borrow(manifest.version)
      this.next = { version: manifest.version, config, encoder, borrowed: index, items: undefined }
      return this.take(this.next)
    }
    const items = new ItemVectors({
      state,
      encode: (rows) => encoder.encodeItems(rows),
      print: itemPrint(this.facts),
      failed: (error) => this.home.failed(error),
    })
    const next = { version: manifest.version, config, encoder, items }
    this.next = next // from here on it is told what changes
    try {
      const living = await items.living()
      const kept = this.home.kept(next.version, living, items)
      items.begin(kept ?? new ExactIndex(encoder.units), living)
      if (kept && items.share >= ANSWERS_FROM) await this.take(next)
      this.arriving = this.arrive(next, kept !== undefined).catch((error: unknown) => this.home.failed(error))
    } catch (error) {
      this.next = undefined
      await close(next)
      throw error
    }
  }

  /** Makes the vectors that it lacks, then has them in an index that is quick. */
  private async arrive(next: Keeping, kept: boolean): Promise<void> {
    const { items, version } = next
    await items.fill()
    if (!kept && this.next === next) {
      const exact = items.index as ExactIndex
      const { index, settled } = this.home.open(version, () => exact, items)
      items.moveTo(index)
      await settled().catch((error: unknown) => this.home.failed(error)) // it then answers exactly
    }
    if (this.next === next) await this.take(next)
  }

  /** Between two requests. */
  private async take(next: Held): Promise<void> {
    const stranger = { items: [], ago: [], kinds: [], completions: [] }
    await next.encoder.encodeUsers([{ user: -1, at: 0, surface: 0, history: stranger }]) // the first one is slow
    if (this.next !== next) return
    const before = this.held
    if (next.items) next.items.change = this.changing
    this.held = next
    this.next = undefined
    await close(before)
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

async function close(version: Held | undefined): Promise<void> {
  await version?.items?.close()
  await version?.encoder.close()
}

const indexOf = (held: Held) => (held.items ? held.items.index : held.borrowed)

interface Version {
  readonly version: string
  readonly config: TwoTowerEntry
  readonly encoder: TwoTowerEncoder
}

/** A version whose vectors this thread makes. */
interface Keeping extends Version {
  readonly items: ItemVectors
}

/** A version whose vectors another thread makes: the viewer's tower alone runs here. */
interface Borrowing extends Version {
  readonly borrowed: BorrowedIndex
  readonly items: undefined
}

type Held = Keeping | Borrowing
