import { IvfIndex } from '../ivf/ivf.ts'
import { lend, type LentIndex } from '../lent.ts'
import type { Found, SearchOptions, VectorIndex } from '../vector-index.ts'
import { ASKED, type Candidate } from './candidate.ts'
import { copyVectors } from './copy-vectors.ts'
import { type Generation, INVERT_FROM, lasting, type LifeGround, openBeside, takes } from './ground.ts'
import { QueryRing } from './query-ring.ts'
import { Shadow } from './shadow.ts'
import { versionOf } from './shelf.ts'
import type { SlateSeen } from './swap-watch.ts'
import { failedToBuild, objections, validate, type Verdict } from './verdict.ts'

/** After a refusal the next build waits this long. */
const RETRY_MS = 3_600_000

interface Shadowed extends Generation {
  readonly shadow: Shadow
  readonly since: number
}

/**
 * The index over one version of embeddings, through its generations: a new one is built aside, validated, asked beside
 * the live one for a while, and swapped in between two searches; the one before stays and takes every change, so going
 * back is instant. Versions of embeddings never mix: each has a life of its own. One is built before it serves, and rests
 * afterwards: it then takes every change and does nothing else, until it serves again.
 */
export class IndexLife implements VectorIndex {
  readonly kind = 'life'
  readonly dim: number
  readonly version: string
  /** What it is there for now. */
  duty: 'coming' | 'serving' | 'resting' = 'coming'
  private readonly ground: LifeGround
  private readonly queries: QueryRing
  private held: Generation
  /** Without an index where it is made again from what serves. */
  private before: { readonly name: string; readonly index: VectorIndex | undefined; readonly until: number } | undefined
  private waiting: Shadowed | undefined
  private building: Promise<void> | undefined
  private readonly changed = new Set<number>()
  private retryAt = 0
  private stopped = false

  constructor(ground: LifeGround, version: string, first: Generation) {
    this.ground = ground
    this.version = version
    this.held = first
    this.dim = first.index.dim
    this.queries = new QueryRing(ASKED, this.dim)
  }

  get name(): string {
    return this.held.name
  }
  get size(): number {
    return this.held.index.size
  }
  /** What serves, for other threads to search. */
  get lent(): LentIndex {
    return lend(this.held.index)
  }
  get astray(): number {
    return this.held.index.astray
  }
  get bytes(): number {
    return [this.held, this.before, this.waiting].reduce((sum, one) => sum + (one?.index?.bytes ?? 0), 0)
  }
  /** What serves, what it can go back to, and what is being looked at. */
  get standing(): { live: string; before: string | undefined; shadow: string | undefined; building: boolean } {
    const { held, before, waiting, building } = this
    return { live: held.name, before: before?.name, shadow: waiting?.name, building: building !== undefined }
  }

  /** What the new index that is being looked at answered so far. */
  get shadow(): Pick<Shadow, 'queries' | 'meanOverlap'> | undefined {
    return this.waiting?.shadow
  }

  search(query: Float32Array, k: number, options?: SearchOptions): Found {
    const found = this.held.index.search(query, k, options)
    this.queries.add(query)
    const { waiting, held } = this
    if (waiting && this.ground.random.chance(this.ground.limits.shadowShare))
      waiting.shadow.ask(query, held.index, waiting.index)
    return found
  }

  has(row: number): boolean {
    return this.held.index.has(row)
  }

  /** Another that has no room for it is let go of: what serves takes on. */
  upsert(row: number, vector: Float32Array): void {
    this.held.index.upsert(row, vector)
    if (!takes(this.before?.index, row, vector)) this.before = undefined
    if (!takes(this.waiting?.index, row, vector)) this.waiting = undefined
    if (this.building) this.changed.add(row)
  }

  remove(row: number): boolean {
    const was = this.held.index.remove(row)
    for (const other of [this.before, this.waiting]) other?.index?.remove(row)
    if (this.building) this.changed.add(row)
    return was
  }

  rows(): Uint32Array {
    return this.held.index.rows()
  }

  read(row: number, out: Float32Array): boolean {
    return this.held.index.read(row, out)
  }

  save(path: string, name: string): void {
    this.held.index.save(path, name)
  }

  /** From now on it is asked: the pointer names it. What it grew out of is removed from the shelf. */
  serve(): void {
    const { shelf, limits, watch } = this.ground
    if (this.duty === 'serving') return
    this.duty = 'serving'
    const { live, past } = shelf.pointer
    if (live === this.name) return
    const of = live === null ? undefined : versionOf(live)
    if (of !== undefined && of !== this.version) {
      if (past && versionOf(past.name) === this.version) watch.takenBack()
      else watch.swapped()
    }
    shelf.promote(this.name, of === this.version ? `${live} cannot be opened` : `embeddings ${this.version}`, limits)
    shelf.sweep()
  }

  /** Another version serves: this one is kept for going back, alone. */
  rest(): void {
    this.duty = 'resting'
    this.before = undefined
    this.waiting = undefined
  }

  /** What is due: call it about once a second. */
  tick(): void {
    if (this.duty !== 'serving') return
    const now = this.ground.clock.now()
    this.followPointer()
    if (this.before && this.before.until < now) this.before = undefined
    const { waiting } = this
    const { shadowQueries, shadowMs, astrayMax } = this.ground.limits
    if (waiting && (waiting.shadow.queries >= shadowQueries || now - waiting.since >= shadowMs))
      this.judgeShadow(waiting)
    if (this.building || this.waiting || this.stopped || now < this.retryAt) return
    if (this.outgrown || this.astray > astrayMax) this.rebuildAside()
  }

  /** The disk may refuse what is written of it: that is told, and tried again later. */
  private rebuildAside(): void {
    this.rebuild().catch((error: unknown) => {
      this.retryAt = this.ground.clock.now() + RETRY_MS
      this.ground.tell({ what: 'refused', name: this.version, why: String(error) })
    })
  }

  /** Settles when an inverted file serves, if there is enough for one: before the first query, not beside them. */
  async ready(): Promise<void> {
    if (this.outgrown) await this.rebuild(true)
  }

  /** After the build under way, which is thrown away. */
  async stop(): Promise<void> {
    this.stopped = true
    await this.building
  }

  private get outgrown(): boolean {
    return this.held.index.kind === 'exact' && this.size >= (this.ground.invertFrom ?? INVERT_FROM)
  }

  /**
   * Builds the next generation aside and validates it. It is then asked beside the live one; or, with `atOnce` (nothing
   * is served from here yet), swapped in. Settles when that is done; a build that fails is refused like one that is bad.
   * @throws SluiceError ERR_DISK_WRITE
   */
  rebuild(atOnce = false): Promise<void> {
    this.building ??= this.build(atOnce).finally(() => {
      this.building = undefined
      this.changed.clear()
    })
    return this.building
  }

  /** Goes back to the generation before, at once. @throws SluiceError ERR_INDEX_STATE when none is kept */
  rollback(why: string): { from: string; to: string } {
    const went = this.ground.shelf.rollback(why)
    this.followPointer()
    return went
  }

  /** A slate that was made: after a swap, enough of them decide whether it stays, or else these embeddings. */
  observe(slate: SlateSeen): Verdict | undefined {
    const verdict = this.ground.watch.add(slate)
    if (!verdict || verdict.pass) return verdict
    const why = `automatic: ${objections(verdict)}`
    if (this.before) this.rollback(why)
    else this.ground.goBack?.(why)
    return verdict
  }

  private async build(atOnce: boolean): Promise<void> {
    const { shelf, limits, build } = this.ground
    const { index: live } = this.held
    const { rows, vectors, keys } = await copyVectors(live, this.ground.keys)
    const before = live instanceof IvfIndex ? live.shared : undefined
    const name = shelf.nextName(this.version)
    const save = { ...shelf.place(name), name: this.version }
    const asked = this.queries.full() ?? (await this.ground.asked?.())
    const from = { dim: this.dim, rows, vectors, keys, queries: asked, before, save }
    let candidate: Candidate
    try {
      candidate = await build({ ...from, recall: limits.recallLeast })
    } catch (error) {
      this.refuse(name, failedToBuild(error))
      return
    }
    if (this.stopped || this.duty === 'resting') return
    const { index, measured } = candidate
    const { recall, size, queries } = measured
    this.ground.tell({ what: 'built', name, why: `${size} vectors, judged by ${queries} queries`, recall })
    const verdict = validate(measured, limits)
    if (!verdict.pass) {
      this.refuse(name, verdict)
      return
    }
    shelf.judge(name, verdict)
    this.catchUp(index)
    const generation = { name, index }
    if (atOnce) this.swap(generation, verdict)
    else {
      this.waiting = { ...generation, shadow: new Shadow(), since: this.ground.clock.now() }
      this.ground.tell({ what: 'shadow', name, why: 'it passed its validation and is asked beside the live one' })
    }
  }

  /** What changed while it was built. */
  private catchUp(index: VectorIndex): void {
    const vector = new Float32Array(this.dim)
    for (const row of this.changed) {
      if (this.held.index.read(row, vector)) index.upsert(row, vector)
      else index.remove(row)
    }
  }

  private judgeShadow(waiting: Shadowed): void {
    const { limits } = this.ground
    const verdict = waiting.shadow.verdict(limits)
    this.waiting = undefined
    if (verdict.pass) this.swap(waiting, verdict)
    else this.refuse(waiting.name, verdict)
  }

  private swap(next: Generation, verdict: Verdict): void {
    const { shelf, limits, clock, watch, tell } = this.ground
    const why = verdict.checks.map(({ say }) => say).join('; ')
    const { held } = this
    this.held = { name: next.name, index: next.index }
    if (this.duty === 'serving') {
      shelf.promote(next.name, why, limits)
      this.before = { name: held.name, index: lasting(held.index), until: clock.now() + limits.keepMs }
      watch.swapped()
      shelf.sweep(this.version)
    }
    tell({ what: 'swapped', name: next.name, why })
  }

  private refuse(name: string, verdict: Verdict): void {
    const { shelf, clock, tell } = this.ground
    this.retryAt = clock.now() + RETRY_MS
    tell({ what: 'refused', name, why: objections(verdict) })
    shelf.judge(name, verdict)
  }

  /** The pointer on disk says what serves: someone may have gone back by the command line. */
  private followPointer(): void {
    const { shelf, watch, tell, clock, limits } = this.ground
    const { live, log } = shelf.pointer
    if (live === null || live === this.held.name || versionOf(live) !== this.version) return
    const index = this.before?.name === live ? this.before.index : undefined
    const found = index ? { name: live, index } : openBeside(this.ground, live, this.held.index)
    if (!found) {
      shelf.promote(this.held.name, `${live} cannot be opened`, limits)
      return
    }
    this.held = { name: found.name, index: found.index }
    this.before = undefined
    this.retryAt = clock.now() + RETRY_MS
    watch.takenBack()
    tell({ what: 'rolled back', name: found.name, why: log.at(-1)?.why ?? 'asked for' })
  }
}
