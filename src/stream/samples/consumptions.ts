import type { AppliedEvent, Projection, State } from '../catalog/index.ts'
import type { Entry } from '../events/index.ts'
import type { Histories } from '../features/index.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { Dataset } from './dataset.ts'
import { HEADS, headCode, headNames } from './heads.ts'
import { NEAR_MAX } from './options.ts'
import { origins, SAMPLES_SCHEMA, type SamplesHeader } from './schema.ts'

/** Requests in a chunk. */
const CHUNK = 8192
const CLICK = headCode('click')

export interface ConsumptionOptions {
  /** Entries of a history that are kept, the latest ones. Default 50. */
  readonly history?: number
  /** Names of the surfaces, in order: their codes from 1. */
  readonly surfaces?: readonly string[]
  readonly seed?: string
  /** Items that a slate ranked and did not show, best first: negatives of what was consumed from it. */
  readonly near?: (slate: string) => readonly string[]
}

/**
 * What retrieval models learn from: each item that a user liked to consume, the first time they did, as a request with
 * one clicked impression and the history as it was just before. No feature columns, no negatives: those are drawn from
 * the catalogue.
 *
 * Make it over a state without entries, before histories are added to it; fold with `take`.
 */
export class ConsumptionSamples implements Projection {
  readonly name = 'consumption-samples'
  readonly header: SamplesHeader
  private readonly state: State
  private readonly histories: Histories
  private readonly most: number
  private readonly writer = new ChunkWriter(0)
  private readonly chunks: ReturnType<ChunkWriter['take']>[] = []
  private readonly surfaceCodes: ReadonlyMap<string, number>
  private readonly met = new Set<number>()
  private readonly forgotten = new Set<number>()
  private readonly near: (slate: string) => readonly string[]
  private surface = 0
  private slate: string | undefined
  private place = 0

  /** `histories` are added to the state here, behind this: a request sees the past only. */
  constructor(
    state: State,
    histories: Histories,
    { history = 50, surfaces = [], seed = 'consumptions', near = () => [] }: ConsumptionOptions = {},
  ) {
    this.state = state
    this.histories = histories
    this.most = history
    this.near = near
    this.surfaceCodes = new Map(surfaces.map((name, place) => [name, place + 1]))
    this.header = {
      schema: SAMPLES_SCHEMA,
      featureNames: [],
      featureDigest: 'none',
      heads: headNames,
      kinds: state.kinds.names,
      surfaces: ['', ...surfaces],
      attributionMs: 0,
      returnMs: 0,
      seed,
    }
    state.add(this)
    state.add(histories)
  }

  /** Codes of the surfaces on which something was consumed. */
  get surfaces(): ReadonlySet<number> {
    return this.met
  }

  /** Folds an entry into the state, and makes a request of it when it is a first consumption. */
  take(entry: Entry): void {
    const event = entry.type === 'event' ? entry.event : undefined
    this.surface = this.surfaceCodes.get(event?.surface ?? '') ?? 0
    this.slate = event?.slate
    this.state.apply(entry)
    this.place++
  }

  apply(event: AppliedEvent): void {
    const { user, item, at } = event
    if (!event.consumes || event.strength < 0 || user < 0 || !this.state.items.has(item)) return
    if (this.histories.consumed.includes(user, item)) return
    this.met.add(this.surface)
    const { writer } = this
    const shown = writer.add('impressions')
    writer.put('impressions', 'item', shown, item)
    writer.put('impressions', 'position', shown, -1)
    writer.put('impressions', 'weight', shown, 1)
    writer.put('impressions', 'known', shown, 1 << CLICK)
    writer.block('impressions', 'labels', shown, 1).fill(0, 0, HEADS)[CLICK] = 1
    this.writeHistory(user, at)
    this.writeNear(user, item)
    const row = writer.add('requests')
    writer.put('requests', 'user', row, user)
    writer.put('requests', 'at', row, at)
    writer.put('requests', 'surface', row, this.surface)
    writer.put('requests', 'origin', row, origins.indexOf('sampled'))
    writer.put('requests', 'place', row, this.place)
    writer.put('requests', 'impressionEnd', row, writer.rows.impressions)
    writer.put('requests', 'historyEnd', row, writer.rows.histories)
    writer.put('requests', 'nearEnd', row, writer.rows.nears)
    if (writer.rows.requests >= CHUNK) this.chunks.push(writer.take())
  }

  /** Read once and dropped: no state that is kept. */
  shelve(): void {}

  /** Who opted out or was erased is no example: see `requests`. */
  forget(user: number): void {
    this.forgotten.add(user)
  }

  /** Requests since `due` was asked last. */
  get waiting(): number {
    return this.writer.rows.requests + this.chunks.length * CHUNK
  }

  /**
   * The requests since it was asked last, of a stream that has no end; undefined: none came, or somebody of whom there may
   * be one was forgotten meanwhile: then all of them are left out.
   */
  due(): Dataset | undefined {
    const { samples, requests } = this.finish()
    this.chunks.length = 0
    this.forgotten.clear()
    return requests.length > 0 && requests.length === samples.requests ? samples : undefined
  }

  /** All requests so far, and the numbers of those to learn from. */
  finish(): { samples: Dataset; requests: Uint32Array } {
    if (this.writer.rows.requests > 0) this.chunks.push(this.writer.take())
    const samples = new Dataset(this.header, this.chunks)
    const all = Uint32Array.from({ length: samples.requests }, (_, i) => i)
    return { samples, requests: all.filter((number) => !this.forgotten.has(samples.request(number).user)) }
  }

  /** What the viewer has consumed by now is no negative. */
  private writeNear(user: number, consumed: number): void {
    if (this.slate === undefined) return
    const { state, histories, writer } = this
    let kept = 0
    for (const name of this.near(this.slate)) {
      const item = state.items.ids.find(name)
      if (!state.items.has(item) || item === consumed || histories.consumed.includes(user, item)) continue
      writer.put('nears', 'item', writer.add('nears'), item)
      if (++kept === NEAR_MAX) return
    }
  }

  /** Oldest first. What lies after the moment by its own time (a late event) is left out. */
  private writeHistory(user: number, at: number): void {
    const { histories, writer } = this
    const length = histories.length(user)
    let skip = 0
    while (skip < length && histories.at(user, skip) > at) skip++
    for (let back = Math.min(length, skip + this.most) - 1; back >= skip; back--) {
      const row = writer.add('histories')
      const completion = histories.completion(user, back)
      writer.put('histories', 'item', row, histories.item(user, back))
      writer.put('histories', 'ago', row, (at - histories.at(user, back)) / 1000)
      writer.put('histories', 'kind', row, histories.kind(user, back))
      writer.put('histories', 'completion', row, Number.isNaN(completion) ? -1 : completion)
    }
  }
}
