import type { ModelUpdate } from '../../learning/embeddings/index.ts'
import { factsOf, historyAt, type ItemFacts, itemPrint, type RequestFacts } from '../../learning/models/index.ts'
import type { Artifact } from '../../learning/registry/index.ts'
import type { State } from '../../stream/catalog/index.ts'
import type { ContentVectors, Histories } from '../../stream/features/index.ts'
import type { Filter, Query, Retrieved, Source } from '../pipeline/index.ts'
import { ExactIndex } from '../vectors/index.ts'
import { homeless, type IndexHome, type OfVectors } from './index-home.ts'
import { type ChangeIndex, ItemVectors } from './item-vectors.ts'
import type { EarlierVersion, LiveModel } from './live-model.ts'
import { searchEligible } from './search-eligible.ts'
import { towersRequest } from './towers-request.ts'
import { close, encodeAgain, indexOf, type Keeping, openVersion, type TowersVersion, warm } from './towers-version.ts'
import { TWO_TOWER } from './two-tower-artifact.ts'
import { viewerQueries } from './viewer-queries.ts'

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
  /** Of every request: what they leave little of is searched for what passes. */
  readonly filters?: readonly Filter[]
}

/**
 * What two trained towers expect: the viewer's tower is run once per request on the history and context of that moment,
 * the items' tower once per item whenever it is put or changed. Without a live version it proposes nothing. A version
 * takes over when every item has its vector and the index is as quick as it will be: between two requests, and without
 * anybody waiting for it. The one before stays for a while, encoder and index, and takes every change: going back is one
 * assignment. After a restart the vectors are read from the index that was kept. Call before the first entry is folded.
 */
export class TwoTowerSource implements Source, LiveModel {
  readonly name = TWO_TOWER
  readonly model = TWO_TOWER
  readonly earlier: EarlierVersion
  private readonly ground: TwoTowerGround
  private readonly home: IndexHome
  private readonly facts: ItemFacts
  private readonly followedKind: number
  private held: TowersVersion | undefined
  private next: TowersVersion | undefined
  private before: TowersVersion | undefined
  private arriving: Promise<void> | undefined
  private changing: ChangeIndex = (work) => work()

  constructor(ground: TwoTowerGround) {
    const { state, vectors, home = homeless } = ground
    this.ground = ground
    this.home = home
    this.facts = factsOf(state, vectors)
    this.followedKind = Math.max(0, state.kinds.code(FOLLOWED_KIND))
    this.earlier = this.earlierVersion()
    state.add({
      name: TWO_TOWER,
      apply() {},
      forget() {},
      shelve() {}, // vectors are no fold of the journal: they are kept with their index, or made anew
      itemChanged: (row, alive) => {
        for (const one of [this.held, this.next, this.before]) one?.items?.changed(row, alive)
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
    for (const one of [this.held, this.before]) if (one?.items) one.items.change = change
  }

  /** Begins with a version; it is in use at once if its index was kept. @throws SluiceError for files that do not fit */
  async use(artifact: Artifact | undefined): Promise<void> {
    const version = artifact?.manifest.version
    if (version !== undefined && version === this.coming) return
    const late = this.next
    this.next = undefined
    await this.drop(late)
    if (version !== undefined && version === this.version) return
    if (artifact) return version === this.before?.version ? this.takeBefore() : this.begin(artifact, 'next')
    const { held, before } = this
    this.held = undefined
    this.before = undefined
    await this.drop(held)
    await this.drop(before)
  }

  /**
   * Takes what was learned of items since the version in use. The weights of the towers stay, so every vector is of one
   * make: those of the items it is about are encoded again, the others stand, and the viewers' tower reads the histories anew.
   */
  async learn(update: ModelUpdate): Promise<void> {
    const { held } = this
    if (held?.version === update.base) this.again(held, await held.encoder.update(update))
  }

  /** Updates that the version in use has learned. */
  get updates(): number {
    return this.held?.encoder.updates ?? 0
  }

  /** Resolves when no version is coming, and every item that was put has its vector. */
  async settled(): Promise<void> {
    await this.arriving
    await this.held?.items?.settled()
  }

  async retrieve(query: Query, limit: number): Promise<Retrieved> {
    const { held } = this
    if (!held) return NOTHING
    const asked = towersRequest(query, held.config, this.ground.histories, this.followedKind)
    const vector = await held.encoder.encodeUsers([asked])
    const seen = this.seen(query)
    const { filters = [], state } = this.ground
    const allow = (row: number) => state.items.has(row) && !seen.has(row)
    return searchEligible(indexOf(held), vector, limit, { allow, few: seen.size, filters, query })
  }

  private earlierVersion(): EarlierVersion {
    const versionAtHand = () => (this.before?.whole ? this.before.version : undefined)
    const wanted = () => {
      const { held, next, before } = this
      if (held && next) return undefined // one after the other
      const past = this.home.past((held ?? next)?.version ?? '')
      return past === before?.version || past === held?.version ? undefined : past
    }
    return {
      get version() {
        return versionAtHand()
      },
      get wanted() {
        return wanted()
      },
      back: async () => {
        const late = this.next
        this.next = undefined
        await this.drop(late)
        await this.takeBefore()
      },
      keep: async (artifact) => {
        if (artifact.manifest.version === wanted()) await this.begin(artifact, 'before')
      },
      tidy: () => this.tidy(),
    }
  }

  /** Opens a version: to take over when it is whole, or to be kept at hand; then it answers while there is no other. */
  private async begin(artifact: Artifact, as: 'next' | 'before'): Promise<void> {
    const opened = await openVersion(artifact, this.facts)
    const { version, encoder } = opened
    if (this.home.borrow) {
      const borrowing = { ...opened, borrowed: this.home.borrow(version), items: undefined, whole: true } as const
      const stale = this[as]
      this[as] = borrowing
      await this.drop(stale)
      return as === 'next' ? this.take(borrowing) : warm(borrowing)
    }
    const items = new ItemVectors({
      state: this.ground.state,
      encode: (rows) => encoder.encodeItems(rows),
      print: itemPrint(this.facts, (id) => encoder.learnedOf(id)),
      failed: (error) => this.home.failed(error),
    })
    const one: Keeping = { ...opened, items, whole: false }
    this[as] = one // from here on it is told what changes
    try {
      const living = await items.living()
      if (this[as] !== one) return // dropped meanwhile
      const kept = this.home.kept(version, living, this.of(one))
      items.begin(kept ?? new ExactIndex(encoder.units), living)
      if (kept && items.share >= ANSWERS_FROM && (as === 'next' || !this.held)) await this.take(one)
      const arriving = this.arrive(one, kept !== undefined).catch((error: unknown) => this.home.failed(error))
      if (as === 'next') this.arriving = arriving
    } catch (error) {
      if (this[as] === one) this[as] = undefined
      await this.drop(one)
      throw error
    }
  }

  /** Whose the vectors are, and what viewers would ask of them now: as on each surface in turn. */
  private of({ items, encoder, config }: Keeping): OfVectors {
    const { histories, state } = this.ground
    const { units } = encoder
    const asking = (user: number): RequestFacts => {
      const at = histories.at(user, 0)
      const history = historyAt(histories, user, at, config.model.spec.history)
      return { user: -1, at, surface: user % Math.max(1, config.surfaces.length), history }
    }
    const encode = async (viewers: readonly number[]) => {
      const vectors = await encoder.encodeUsers(viewers.map(asking))
      return viewers.map((_, i) => vectors.subarray(i * units, (i + 1) * units))
    }
    return { keys: items, asked: () => viewerQueries(state, histories, encode) }
  }

  /** Makes the vectors that it lacks, then has them in an index that is quick. */
  private async arrive(one: Keeping, kept: boolean): Promise<void> {
    const { items, version } = one
    await items.fill()
    const wanted = () => [this.held, this.next, this.before].includes(one)
    if (!kept && wanted()) {
      const exact = items.index as ExactIndex
      const { index, settled } = this.home.open(version, () => exact, this.of(one))
      items.moveTo(index)
      await settled().catch((error: unknown) => this.home.failed(error)) // it then answers exactly
    }
    one.whole = true
    if (this.next === one) await this.take(one)
    else if (this.before === one) await this.rest(one)
  }

  /** Has it answer, between two requests. */
  private async take(one: TowersVersion): Promise<void> {
    const as = this.before === one ? 'before' : this.next === one ? 'next' : undefined
    await warm(one)
    if (as === undefined || this[as] !== one) return // dropped meanwhile
    if (one.items) one.items.change = this.changing
    this[as] = undefined
    await this.swap(one)
  }

  /** Goes back to the version before: now when it is whole, else as soon as it is. */
  private async takeBefore(): Promise<void> {
    const { before } = this
    if (before?.whole) return this.swap(before)
    this.before = undefined
    this.next = before
  }

  /** From one version to another: its encoder and its index, in one assignment. The one before is kept for a while. */
  private async swap(to: TowersVersion): Promise<void> {
    const { held, before } = this
    this.held = to
    this.before = held
    this.home.serve(to.version)
    if (held && held !== to) this.again(held, await held.encoder.forget()) // the way back is to the version itself
    if (before !== to) await this.drop(before)
    await this.tidy()
  }

  /** It is kept at hand: what changes it waits for other threads, as they may search it at any time. */
  private async rest(one: Keeping): Promise<void> {
    one.items.change = this.changing
    this.home.rest(one.version)
    await warm(one)
  }

  private again(one: TowersVersion, changed: Uint32Array): void {
    encodeAgain(one, changed, this.facts, this.ground.state.items.size)
  }

  private async tidy(): Promise<void> {
    const { held, before } = this
    if (!held || !before || this.home.past(held.version) === before.version) return
    this.before = undefined
    await this.drop(before)
  }

  private async drop(one: TowersVersion | undefined): Promise<void> {
    if (!one) return
    this.home.drop(one.version)
    await close(one)
  }

  private seen({ viewer, item, plan }: Query): ReadonlySet<number> {
    const seen = new Set<number>(item < 0 ? [] : [item])
    if (viewer.personal && plan.seen === 'remove')
      for (const row of this.ground.histories.consumed.view(viewer.row)) seen.add(row)
    return seen
  }
}
