import { EventEmitter, on } from 'node:events'
import type { Engine, EngineStatus, Injection, UpsertReport } from '../../app/index.ts'
import {
  type Event,
  type Item,
  parseEvent,
  parseItem,
  parseUser,
  type Slate,
  timeOf,
  type User,
} from '../../domain/index.ts'
import { SluiceError } from '../../foundation/base/index.ts'

export interface FakeEngine extends Engine {
  /** Change these to set the scene. */
  ready: boolean
  phase: string
  /** What every later call to `slate` and `events` does first. */
  before: () => void | Promise<void>
  /** Tails that are being followed now. */
  readonly following: number
}

/**
 * A test double for the engine: keeps records in maps, checks them with the domain's parsers, makes slates of the
 * first items. It ranks nothing, writes nothing and forgets everything.
 */
export function fakeEngine(scene: { items?: number; ready?: boolean } = {}): FakeEngine {
  const items = new Map<string, Item>()
  const users = new Map<string, User>()
  const slates = new Map<string, Slate>()
  const log: Event[] = []
  const seen = new Set<string>()
  const bus = new EventEmitter().setMaxListeners(0)
  let following = 0
  let active: readonly Injection[] = []
  for (let i = 0; i < (scene.items ?? 0); i++) items.set(`i${i}`, { id: `i${i}`, title: `Item ${i}`, creator: 'c0' })

  function found<T>(map: Map<string, T>, id: string, code: 'ERR_ITEM_NOT_FOUND' | 'ERR_SLATE_NOT_FOUND'): T {
    const value = map.get(id)
    if (value === undefined) throw new SluiceError(code, [id])
    return value
  }

  function put<T extends { id: string }>(
    batch: readonly unknown[],
    parse: typeof parseItem | typeof parseUser,
    into: Map<string, T>,
  ): UpsertReport {
    const rejected: { index: number; code: string; message: string }[] = []
    const before = into.size
    batch.forEach((value, index) => {
      const parsed = parse(value)
      if (parsed.ok) into.set(parsed.value.id, parsed.value as unknown as T)
      else rejected.push({ index, code: 'ERR_BODY_INVALID', message: `${parsed.where} ${parsed.why}` })
    })
    const accepted = batch.length - rejected.length
    const added = into.size - before
    return { accepted, added, changed: accepted - added, unchanged: 0, rejected }
  }

  const engine: FakeEngine = {
    ready: scene.ready ?? true,
    phase: 'replaying the log',
    before: () => {},
    get following() {
      return following
    },
    async open() {},
    standing() {
      const { ready, phase } = this
      return { ready, phase }
    },
    status(): EngineStatus {
      return {
        ready: engine.ready,
        phase: engine.ready ? 'serving' : engine.phase,
        version: '0.0.0-fake',
        items: items.size,
        users: users.size,
        events: log.length,
        journalBytes: log.length * 100,
        pending: 0,
        uptimeSeconds: 1,
        memory: {},
        models: {},
        budgets: {},
      }
    },
    async import() {
      throw new TypeError('the fake engine imports nothing')
    },
    async slate(request) {
      await engine.before()
      if (request.surface === 'next' && request.item === undefined) throw new SluiceError('ERR_ITEM_REQUIRED', ['next'])
      if (!['home', 'next', 'search'].includes(request.surface)) {
        throw new SluiceError('ERR_SURFACE_UNKNOWN', [request.surface, 'home, next, search'])
      }
      const chosen = [...items.values()].slice(0, request.limit ?? 20)
      const slate: Slate = {
        slate: `s${slates.size}`,
        surface: request.surface,
        at: 1_760_000_000_000,
        items: chosen.map(({ id, title, creator }, position) => ({
          item: id,
          position,
          score: 1 / (position + 1),
          sources: ['popular'],
          sourceScores: { popular: 1 },
          propensity: 1,
          explored: false,
          reason: 'Popular now',
          ...(title !== undefined && { title }),
          ...(creator !== undefined && { creator }),
        })),
        rung: chosen.length === 0 ? 'empty' : 'full',
        stages: [
          { stage: 'retrieve', status: 'ok', at: 0, budget: 15, ms: 0.1, in: chosen.length, out: chosen.length },
        ],
        digest: 'fake',
        personal: false,
      }
      slates.set(slate.slate, slate)
      return slate
    },
    async events(batch) {
      await engine.before()
      let duplicate = 0
      const rejected: { index: number; code: string; message: string }[] = []
      batch.forEach((value, index) => {
        const parsed = parseEvent(value)
        if (!parsed.ok) {
          rejected.push({ index, code: 'ERR_EVENT_INVALID', message: `${parsed.where} ${parsed.why}` })
        } else if (seen.has(parsed.value.id)) duplicate++
        else {
          seen.add(parsed.value.id)
          const event: Event = { ...parsed.value, at: timeOf(parsed.value.at), receivedAt: 1_760_000_000_000 }
          log.push(event)
          bus.emit('event', event)
        }
      })
      return { accepted: batch.length - duplicate - rejected.length, duplicate, rejected }
    },
    putItems: async (batch) => put(batch, parseItem, items),
    putUsers: async (batch) => put(batch, parseUser, users),
    item: (id) => found(items, id, 'ERR_ITEM_NOT_FOUND'),
    user(id) {
      const history = log.filter((event) => event.user === id && event.item !== undefined)
      const user = users.get(id)
      if (user === undefined && history.length === 0) throw new SluiceError('ERR_USER_NOT_FOUND', [id])
      return {
        ...(user ?? { id }),
        historyLength: history.length,
        history: history.map(({ item, at, kind }) => ({ item: item as string, at, kind })),
      }
    },
    async deleteItem(id) {
      found(items, id, 'ERR_ITEM_NOT_FOUND')
      items.delete(id)
    },
    async eraseUser(id) {
      engine.user(id)
      const profile = users.delete(id)
      const kept = log.filter((event) => event.user !== id)
      const journal = log.length - kept.length
      log.splice(0, log.length, ...kept)
      return { user: id, erased: { profile, journal, served: 0, slates: 0 } }
    },
    similar(id, limit) {
      found(items, id, 'ERR_ITEM_NOT_FOUND')
      const others = [...items.keys()].filter((other) => other !== id)
      return others.slice(0, limit).map((item, index) => ({ item, score: 1 / (index + 1) }))
    },
    explain(id) {
      const { slate, surface, at, rung, digest, stages, items: shown } = found(slates, id, 'ERR_SLATE_NOT_FOUND')
      return {
        slate,
        surface,
        user: undefined,
        at,
        rung,
        digest,
        stages,
        funnel: [{ step: 'retrieve', count: shown.length }],
        removals: {},
        sources: [{ name: 'popular', status: 'ok', at: 0, budget: 15, ms: 0.1, count: shown.length }],
        items: shown.map(({ item, title, position, score, propensity, explored, reason }) => ({
          item,
          title,
          position,
          sources: { popular: { score: 1, rank: position + 1 } },
          scores: { retrieval: score, coarse: score, fine: score },
          contributions: { popularity: score },
          features: {},
          propensity,
          explored,
          pinned: false,
          reason,
        })),
        runnersUp: [],
      }
    },
    observations: () => ({ from: 0, changes: [], minutes: [], troubles: [] }),
    faults: () => ({ allowed: true, active }),
    injectFaults: (injections) => {
      active = injections
      return { allowed: true, active }
    },
    portfolio: () => ({ slates: slates.size, rows: [] }),
    async *tail(last, signal) {
      following++
      const coming = signal.aborted ? [] : on(bus, 'event', { signal })
      try {
        yield* last === 0 ? [] : log.slice(-last)
        for await (const [event] of coming) yield event as Event
      } catch (error) {
        if (!signal.aborted) throw error
      } finally {
        following--
      }
    },
    allItems: () => items.values(),
    allUsers: () => users.values(),
    allEvents: () => log,
    async close() {},
  }
  return engine
}
