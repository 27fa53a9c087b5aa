import type { State } from '../catalog/index.ts'
import type { FeatureAsk, Features } from '../features/index.ts'
import type { ChunkWriter } from './chunk-writer.ts'
import type { Draws } from './draws.ts'
import { HEADS, headCode } from './heads.ts'
import type { Join } from './join.ts'
import {
  type BuildReport,
  type CompleteOptions,
  keptByLot,
  NEAR_MAX,
  type ServedFacts,
  type ServedItemFacts,
} from './options.ts'
import type { PendingRequest } from './pending.ts'
import { type Origin, origins } from './schema.ts'

const RETURN = headCode('return')
const UNLOGGED: Omit<ServedItemFacts, 'item'> = { propensity: 0, explored: false }

/** Turns the front request of a join into a sample: everything it reads of the state is the past of that request. */
export class Emitter {
  private readonly state: State
  private readonly features: Features
  private readonly join: Join
  private readonly writer: ChunkWriter
  private readonly draws: Draws
  private readonly options: CompleteOptions
  private readonly report: BuildReport
  private readonly surfaceCodes: ReadonlyMap<string, number>

  constructor(
    { state, features }: { readonly state: State; readonly features: Features },
    join: Join,
    writer: ChunkWriter,
    draws: Draws,
    options: CompleteOptions,
    report: BuildReport,
  ) {
    this.state = state
    this.features = features
    this.join = join
    this.writer = writer
    this.draws = draws
    this.options = options
    this.report = report
    this.surfaceCodes = new Map(options.surfaces.map((name, place) => [name, place + 1]))
  }

  /** Takes the front request. `ended`: the reader ahead has come to the end of the log. */
  emit(ended: boolean): void {
    const request = this.join.pending.read()
    // Makes the row that folding the very next entry would make.
    const user = request.user === undefined ? -1 : this.state.users.row(request.user)
    if (this.wanted(request, user, ended)) this.write(request, user)
    this.join.remove()
  }

  private wanted(request: PendingRequest, user: number, ended: boolean): boolean {
    const { options, report } = this
    const { at } = request
    if (at < options.since || at >= options.until) report.passedOver++
    else if (!request.sampled && request.impressions === 0) report.unshown++
    else if (user >= 0 && this.state.users.optedOut.array[user] === 1) report.optedOut++
    else if (ended && !request.sampled && !options.keepOpen && this.join.latest < at + options.attributionMs)
      report.open++
    else if (!keptByLot(`${request.slate ?? request.place}/${request.user ?? ''}`, options.share, options.seed))
      report.passedOver++
    else return true
    return false
  }

  private write(request: PendingRequest, user: number): void {
    const { state, writer, report } = this
    const rows: number[] = []
    const shown: number[] = []
    for (const one of request.shown) {
      const row = state.items.ids.find(this.join.pending.item(one))
      if (!state.items.has(row)) report.unknownItems++
      else {
        rows.push(row)
        shown.push(one)
      }
    }
    if (rows.length === 0) return
    if (request.sampled) rows.push(...this.negativesFor(user, rows))
    const served = request.slate === undefined ? undefined : this.options.served(request.slate)
    if (served) report.served++
    const facts = this.factsOf(served, shown)
    const first = this.writeImpressions(request, rows, shown, facts)
    const ask: FeatureAsk = {
      user,
      at: request.at,
      surface: request.surface,
      device: request.device,
      country: this.countryOf(request, user),
      language: user < 0 ? -1 : state.users.language.array[user],
    }
    const features = writer.block('impressions', 'features', first, rows.length) as Float32Array
    this.features.read(ask, Uint32Array.from(rows), features)
    this.takeServed(facts, features)
    this.writeHistory(user, request.at)
    this.writeNear(served)
    const row = writer.add('requests')
    writer.put('requests', 'user', row, user)
    writer.put('requests', 'at', row, request.at)
    writer.put('requests', 'surface', row, this.surfaceCodes.get(request.surface) ?? 0)
    writer.put('requests', 'origin', row, origins.indexOf(this.originOf(request, served)))
    writer.put('requests', 'place', row, request.place)
    writer.put('requests', 'impressionEnd', row, writer.rows.impressions)
    writer.put('requests', 'historyEnd', row, writer.rows.histories)
    writer.put('requests', 'nearEnd', row, writer.rows.nears)
    report.requests++
    report.samples += rows.length
  }

  private originOf({ sampled, slate }: PendingRequest, served: ServedFacts | undefined): Origin {
    if (sampled) return 'sampled'
    const items = served?.items ?? []
    const explored = items.length > 0 && items.every((item) => item.explored)
    return explored || (slate !== undefined && this.options.randomised(slate)) ? 'randomised' : 'logged'
  }

  private negativesFor(user: number, positives: readonly number[]): number[] {
    const { consumed } = this.features.histories
    const fits = (row: number) => !positives.includes(row) && !(user >= 0 && consumed.includes(user, row))
    return this.draws.draw(this.options.negatives, this.options.popularShare, fits)
  }

  /** Rows beyond `shown` are negatives that nobody saw: known to be not opened, nothing else. */
  private writeImpressions(
    request: PendingRequest,
    rows: readonly number[],
    shown: readonly number[],
    facts: readonly (ServedItemFacts | undefined)[],
  ): number {
    const { writer, join, state } = this
    const first = writer.add('impressions', rows.length)
    const returned = join.returns.label(request.slot, request.user === undefined ? -1 : 0, join.latest)
    const labels = writer.block('impressions', 'labels', first, rows.length)
    labels.fill(0)
    for (let i = 0; i < rows.length; i++) {
      const one = shown[i]
      const to = first + i
      const fact = facts[i] ?? UNLOGGED
      let known = 1
      if (one !== undefined) {
        known = join.outcomes.read(one, state.items.duration.array[rows[i]!], labels, i * HEADS)
        if (returned >= 0) {
          known |= 1 << RETURN
          labels[i * HEADS + RETURN] = returned
        }
      }
      writer.put('impressions', 'item', to, rows[i]!)
      writer.put('impressions', 'position', to, one === undefined || request.sampled ? -1 : join.pending.position(one))
      writer.put('impressions', 'propensity', to, fact.propensity)
      writer.put('impressions', 'explored', to, fact.explored ? 1 : 0)
      writer.put('impressions', 'weight', to, this.weightOf(fact.propensity))
      writer.put('impressions', 'known', to, known)
    }
    return first
  }

  /** What the served log says of each shown item. */
  private factsOf(served: ServedFacts | undefined, shown: readonly number[]): readonly (ServedItemFacts | undefined)[] {
    if (!served) return []
    const byItem = new Map(served.items.map((item) => [item.item, item]))
    return shown.map((one) => byItem.get(this.join.pending.item(one)))
  }

  /** In the place of features read again, those that an item was scored with: no replay is closer to serving. */
  private takeServed(facts: readonly (ServedItemFacts | undefined)[], features: Float32Array): void {
    const width = this.features.names.length
    for (const [i, fact] of facts.entries()) {
      if (fact?.features?.length !== width) continue
      features.set(fact.features, i * width)
      this.report.asServed++
    }
  }

  /** Horvitz and Thompson 1952: what was seldom shown speaks for all the times it was not; bounded. */
  private weightOf(propensity: number): number {
    return propensity > 0 ? Math.min(this.options.inverseWeightMax, 1 / propensity) : 1
  }

  /** Oldest first. What lies after the request by its own time (a late request) is left out. */
  private writeHistory(user: number, at: number): void {
    if (user < 0) return
    const { histories } = this.features
    for (let back = histories.length(user) - 1; back >= 0; back--) {
      const ago = (at - histories.at(user, back)) / 1000
      if (ago < 0) continue
      const row = this.writer.add('histories')
      const completion = histories.completion(user, back)
      this.writer.put('histories', 'item', row, histories.item(user, back))
      this.writer.put('histories', 'ago', row, ago)
      this.writer.put('histories', 'kind', row, histories.kind(user, back))
      this.writer.put('histories', 'completion', row, Number.isNaN(completion) ? -1 : completion)
    }
  }

  private writeNear(served: ServedFacts | undefined): void {
    for (const { item } of served?.runnersUp.slice(0, NEAR_MAX) ?? []) {
      const found = this.state.items.ids.find(item)
      if (found >= 0) this.writer.put('nears', 'item', this.writer.add('nears'), found)
    }
  }

  private countryOf({ country }: PendingRequest, user: number): number {
    if (country !== '') return this.state.items.countries.find(country)
    return user < 0 ? -1 : this.state.users.country.array[user]
  }
}
