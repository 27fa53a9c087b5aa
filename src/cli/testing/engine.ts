import type { Engine, Explanation, Injection } from '../../app/index.ts'
import type { Event, Item, Slate, User } from '../../domain/index.ts'
import { SluiceError } from '../../foundation/base/index.ts'

export const items: Item[] = [
  { id: 'i1', title: 'Piano at night', categories: ['jazz'] },
  { id: 'i2', title: 'Trains of the north' },
]
export const users: User[] = [{ id: 'u1', country: 'SE' }]
export const events: Event[] = [
  { id: 'e1', kind: 'click', user: 'u1', item: 'i1', at: 1_760_000_000_000, receivedAt: 1_760_000_000_500 },
  { id: 'e2', kind: 'search', user: 'u1', query: 'trains', at: 1_760_000_060_000, receivedAt: 1_760_000_060_500 },
]

export const slate: Slate = {
  slate: 's1',
  surface: 'home',
  at: 1_760_000_100_000,
  items: [
    {
      item: 'i2',
      position: 0,
      score: 1.25,
      sources: ['covisit', 'popular'],
      sourceScores: { covisit: 0.5, popular: 12 },
      propensity: 1,
      explored: false,
      reason: 'Others who watched Piano at night watched it',
      title: 'Trains of the north',
    },
  ],
  rung: 'partial',
  stages: [
    { stage: 'retrieve', status: 'late', at: 0.5, ms: 15.2, budget: 15, in: 0, out: 40 },
    { stage: 'fine', status: 'ok', at: 16, ms: 1.3, budget: 20, in: 40, out: 40 },
  ],
  digest: 'd1',
  personal: true,
}

export const explanation: Explanation = {
  slate: 's1',
  surface: 'home',
  user: 'u1',
  at: 1_760_000_100_000,
  rung: 'partial',
  digest: 'd1',
  funnel: [
    { step: 'retrieve', count: 1000 },
    { step: 'rank', count: 200 },
    { step: 'slate', count: 20 },
  ],
  removals: { seen: 12, region: 0 },
  stages: slate.stages,
  sources: [{ name: 'covisit', status: 'ok', at: 0, ms: 0.4, count: 300 }],
  items: [
    {
      item: 'i2',
      title: 'Trains of the north',
      position: 0,
      sources: { covisit: { score: 0.5, rank: 1 } },
      scores: { retrieval: 0.1, coarse: 0.2, fine: 1.25 },
      contributions: { quality: 1.5, fatigue: -0.25 },
      features: { ctr: 0.1 },
      propensity: 1,
      explored: false,
      pinned: false,
      reason: 'because',
    },
  ],
  runnersUp: [{ item: 'i1', score: 1.2 }],
}

/** An engine that answers with the records above and counts what was done to it. */
export function fakeEngine(over: Partial<Engine> = {}): Engine & { readonly done: string[] } {
  const done: string[] = []
  let active: readonly Injection[] = []
  const engine: Engine = {
    open: async (onProgress) => {
      onProgress?.({ phase: 'reading the log', done: 2, total: 2 })
      done.push('open')
    },
    standing: () => ({ ready: true, phase: 'ready' }),
    status: () => ({
      ready: true,
      phase: 'serving',
      version: '0.1.0',
      items: items.length,
      users: users.length,
      events: events.length,
      journalBytes: 12_345,
      pending: 0,
      uptimeSeconds: 61,
      memory: { items: 1_500_000, users: 2_500_000, a: 6, b: 5, c: 4, d: 3, e: 2, f: 1 },
      models: { sequence: '000002' },
      budgets: { home: 100, 'home/retrieve': 15 },
    }),
    import: async (steps) => {
      let rows = 0
      let accepted = 0
      const rejected: Record<string, number> = {}
      const examples: Record<string, string[]> = {}
      for await (const step of steps) {
        rows += step.rows
        if (step.put !== 'reject') accepted += step.rows
        else {
          rejected[step.code] = (rejected[step.code] ?? 0) + step.rows
          ;(examples[step.code] ??= []).push(step.message)
        }
      }
      const changed = { items: 0, users: 0 }
      return {
        rows,
        accepted,
        duplicate: 0,
        rejected,
        examples,
        items: 2,
        users: 1,
        events: accepted,
        changed,
        seconds: 0.2,
      }
    },
    slate: async (request) => {
      done.push(`slate ${JSON.stringify(request)}`)
      return slate
    },
    events: async (batch) => ({ accepted: batch.length, duplicate: 0, rejected: [] }),
    putItems: async (batch) => ({
      accepted: batch.length,
      added: batch.length,
      changed: 0,
      unchanged: 0,
      rejected: [],
    }),
    putUsers: async (batch) => ({
      accepted: batch.length,
      added: batch.length,
      changed: 0,
      unchanged: 0,
      rejected: [],
    }),
    item: (id) => ({ id }),
    user: (id) => ({ id, historyLength: 9, history: [] }),
    deleteItem: async () => undefined,
    eraseUser: async (user) => {
      done.push(`erase ${user}`)
      return { user, erased: { profile: true, journal: 2, served: 1, slates: 3 } }
    },
    similar: () => [],
    explain: (id) => {
      if (id !== 's1') throw new SluiceError('ERR_SLATE_NOT_FOUND', [id])
      return explanation
    },
    observations: () => ({ from: 0, changes: [], minutes: [], troubles: [] }),
    faults: () => ({ allowed: true, active }),
    injectFaults: (injections) => {
      active = injections
      done.push(`faults ${JSON.stringify(injections)}`)
      return { allowed: true, active }
    },
    portfolio: () => ({
      slates: 10,
      rows: [
        {
          source: 'covisit',
          retrieved: 30,
          ranked: 3,
          served: 1,
          clicked: 0,
          unique: 1,
          uniqueClicked: 0,
          msMean: 0.5,
          msMax: 2,
          late: 0,
          failed: 1,
          verdict: 'earns its budget',
        },
      ],
    }),
    async *tail(last, signal) {
      yield* events.slice(-last)
      if (!signal.aborted) await new Promise((stop) => signal.addEventListener('abort', stop))
    },
    allItems: () => items,
    allUsers: () => users,
    allEvents: () => events,
    close: async () => {
      done.push('close')
    },
    ...over,
  }
  return Object.assign(engine, { done })
}
