import { setTimeout as sleep } from 'node:timers/promises'
import { hash32, lockCells, SharedArrays, WriteSide } from '../../foundation/base/index.ts'
import type { SlateRequest } from '../../domain/index.ts'
import type { Log, Metrics } from '../../foundation/telemetry/index.ts'
import type { Injection } from '../../serving/ladder/index.ts'
import type { WorkersStatus } from '../engine.ts'
import type { Parts } from '../parts.ts'
import type { Made } from '../serve/made.ts'
import type { ShadowNews } from '../serve/shadows.ts'
import type { Makers } from '../serve/slates.ts'
import { SharedAccess } from './access.ts'
import { Member, type Asked, type MemberOrder } from './member.ts'
import { type BuiltSlim, type Lead, machineMs, type ToThread } from './messages.ts'
import { Tally } from './tally.ts'

/** Longest wait for the threads at the start; those that come later serve from then on. */
const START_MS = 60_000
/** Threads that may end over one request before it gets the cheapest slate. */
const LOST_MAX = 2
/** A thread that ended is replaced after this time; after twice as long when the one before did not live long. */
const RESTART_MS = 250
const RESTART_MS_MAX = 30_000
/** One that lived for so long had not ended because of how it began. */
const LIVED_MS = 60_000

export interface CrewParts {
  readonly parts: Parts
  /** Threads. */
  readonly size: number
  readonly order: Pick<MemberOrder, 'data' | 'digest' | 'records'>
  /** Makes a slate in this thread. */
  readonly here: {
    make(request: SlateRequest, turn: number, arrived: number): Promise<Made>
    shed(request: SlateRequest, turn: number, arrived: number): Made
  }
  /** Is told what came of slates in the shadow. */
  readonly shadowed: (news: ShadowNews) => void
  readonly log: Log | undefined
  readonly metrics: Metrics | undefined
}

/** The threads that make slates over the state of this one. Requests of one viewer go to the same thread while it lives. */
export class Crew implements Makers {
  readonly access: SharedAccess
  private readonly crew: CrewParts
  private readonly tally: Tally
  private readonly side: WriteSide
  private readonly cells
  private readonly arrays: SharedArrays
  /** By place; undefined where one has ended, or could not begin. */
  private readonly members: (Member | undefined)[] = []
  private readonly fails: number[]
  private readonly loadMax: number
  private readonly timers = new Set<NodeJS.Timeout>()
  private slim: BuiltSlim | undefined
  private lead: Lead = { models: [], indexes: {} }
  private injections: readonly Injection[] = []
  private stopping = false

  /** Puts the state into shared memory. Nothing may change it from now on but by `access`. */
  constructor(crew: CrewParts) {
    const { config, state } = crew.parts
    const { slatesAtOnce, slatesWaiting } = config.ladder
    this.crew = crew
    this.tally = new Tally(crew.size, crew.metrics)
    this.loadMax = slatesAtOnce + slatesWaiting
    this.fails = new Array<number>(crew.size).fill(0)
    this.cells = lockCells(crew.size)
    this.side = new WriteSide(this.cells)
    this.arrays = new SharedArrays(state)
    this.access = new SharedAccess({
      side: this.side,
      renew: () => this.renew(),
      told: {
        waited: (ms) => crew.metrics?.stateWait('write', ms / 1000),
        held: (ms) => crew.metrics?.stateHeld(ms / 1000),
      },
      stuck: (reader) => this.stuck(reader),
    })
  }

  get standing(): WorkersStatus {
    const threads = Array.from({ length: this.crew.size }, (_, place) => {
      const member = this.members[place]
      return { ready: member?.ready ?? false, ...this.tally.of(place), requests: member?.load ?? 0 }
    })
    const ready = threads.filter((one) => one.ready).length
    return { wanted: this.crew.size, ready, here: this.tally.here, threads }
  }

  /** Tells the metrics how things stand. */
  measure(): void {
    const { metrics } = this.crew
    const { wanted, ready, threads } = this.standing
    metrics?.workers(wanted, ready)
    for (const [place, { requests }] of threads.entries()) metrics?.workerRequests(String(place), requests)
  }

  /** Resolves when every thread makes slates or could not begin, or has had its time for it. */
  async start(): Promise<void> {
    for (const place of this.fails.keys()) this.begin(place)
    const started = this.members.map((member) => member?.started)
    await Promise.race([Promise.all(started), sleep(START_MS, undefined, { ref: false })])
  }

  async stop(): Promise<void> {
    this.stopping = true
    for (const timer of this.timers) clearTimeout(timer)
    await this.access.idle()
    await Promise.all(this.members.map((member) => member?.stop()))
  }

  make(request: SlateRequest, turn: number, arrived: number): Promise<Made> {
    const since = machineMs() - (this.crew.parts.clock.ticks() - arrived)
    return new Promise((made, failed) => {
      this.ask({ request, turn, arrived: since, lost: 0, made, failed })
    })
  }

  async forget(_user: string, row: number): Promise<void> {
    await Promise.all(this.members.map((member) => member?.forget(row)))
  }

  /** Injects faults in every thread. */
  inject(injections: readonly Injection[]): void {
    this.injections = injections
    this.tell({ kind: 'faults', injections })
  }

  /** Gives every thread the linear model that was built. */
  share(slim: BuiltSlim): void {
    this.slim = slim
    this.tell({ kind: 'slim', slim })
  }

  /** Has every thread use these models and indexes. */
  follow(lead: Lead): void {
    if (saidOf(lead) === saidOf(this.lead)) return
    this.lead = lead
    this.tell({ kind: 'follow', lead })
  }

  /** Ends one thread wherever it is; another takes its place. */
  async lose(thread: number): Promise<void> {
    await this.members[thread]?.end()
  }

  private tell(message: ToThread): void {
    for (const member of this.members) member?.send(message)
  }

  /** The viewer's thread, or the next one that takes requests; this one when none does. */
  private ask(asked: Asked): void {
    const { request, turn, lost } = asked
    const { here, parts } = this.crew
    const arrived = parts.clock.ticks() - (machineMs() - asked.arrived)
    const member = this.memberOf(request.user ?? request.session ?? String(turn))
    if (lost < LOST_MAX && member && member.load < this.loadMax) member.ask(asked)
    else if (member) settle(asked, async () => here.shed(request, turn, arrived))
    else {
      this.tally.madeHere()
      settle(asked, () => here.make(request, turn, arrived))
    }
  }

  private memberOf(viewer: string): Member | undefined {
    const { members } = this
    const first = hash32(viewer) % members.length
    for (let i = 0; i < members.length; i++) {
      const member = members[(first + i) % members.length]
      if (member?.ready) return member
    }
    return undefined
  }

  private begin(place: number): void {
    const began = performance.now()
    try {
      const member = this.memberFor(place)
      this.members[place] = member
      void member.ended.then((left) => this.ended(place, member.error, left, performance.now() - began))
    } catch (error) {
      this.ended(place, error, [], 0) // it could not even begin: the others, or the server, make the slates
    }
  }

  private memberFor(place: number): Member {
    const { parts, order, log, shadowed } = this.crew
    const news = {
      told: (result: 'made' | 'failed' | 'lost') => this.tally.told(place, result),
      waited: (waits: readonly number[]) => this.tally.waited(waits),
      shadowed: (told: ShadowNews) => shadowed(told),
    }
    const standing = { injections: this.injections, slim: this.slim, lead: this.lead }
    const arrays = { handover: this.arrays.all, generation: this.side.generation }
    return new Member(
      { ...order, config: parts.config, cells: this.cells, reader: place, ...arrays, ...standing },
      news,
      log,
    )
  }

  private ended(place: number, error: unknown, left: readonly Asked[], livedMs: number): void {
    this.members[place] = undefined
    this.side.expel(place)
    for (const asked of left) this.ask({ ...asked, lost: asked.lost + 1 })
    if (this.stopping) return
    const fails = livedMs >= LIVED_MS ? 0 : (this.fails[place] ?? 0)
    this.fails[place] = fails + 1
    const waitMs = Math.min(RESTART_MS_MAX, RESTART_MS * 2 ** fails)
    this.crew.log?.error(
      { error, thread: place, requests: left.length, waitMs },
      'a thread that makes slates has ended',
    )
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      this.tally.restarted(place)
      this.begin(place)
    }, waitMs)
    this.timers.add(timer)
  }

  private stuck(reader: number): void {
    this.crew.log?.error({ thread: reader }, 'a thread that makes slates does not come to an end, and is ended')
    void this.members[reader]?.end()
  }

  /** Hands out the arrays that grew, before anybody reads again. */
  private renew(): void {
    const news = this.arrays.changes()
    if (!news) return
    const generation = this.side.generation + 1
    for (const member of this.members) member?.renew({ ...news, generation })
    this.side.renew()
  }
}

function settle({ made, failed }: Asked, make: () => Promise<Made>): void {
  make().then(made, failed)
}

/** All that tells one lead from another: names. */
function saidOf({ models, indexes }: Lead): string {
  const names = Object.entries(indexes).map(([source, lent]) => [source, lent.map((one) => [one.duty, one.generation])])
  return JSON.stringify([models, names])
}
