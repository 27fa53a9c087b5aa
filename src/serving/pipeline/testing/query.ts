import { Deadline, manualClock, Random } from '../../../foundation/base/index.ts'
import { completeConfig, type SurfaceConfig } from '../../../domain/index.ts'
import type { Query, Viewer } from '../query.ts'

/** Somebody nothing is known of. */
export const stranger: Viewer = {
  ...{ row: -1, id: undefined, personal: false, historyLength: 0 },
  ...{ age: -1, band: 0, country: -1, language: -1, creator: -1 },
}

/** A query for tests: an anonymous viewer on `home`, everything overridable. */
export function testQuery(changes: Partial<Query> = {}, plan: Partial<SurfaceConfig> = {}): Query {
  const home = completeConfig().surfaces['home'] as SurfaceConfig
  const seed = changes.id ?? 'test'
  return {
    id: 'test',
    surface: 'home',
    plan: { ...home, ...plan },
    viewer: stranger,
    at: 1_000_000,
    limit: 10,
    item: -1,
    text: '',
    device: '',
    excluded: [],
    shown: new Set(),
    offset: 0,
    rule: undefined,
    waitedMs: 0,
    deadline: new Deadline(manualClock(), 1000),
    random: (purpose) => new Random(`${seed}:${purpose}`),
    ...changes,
  }
}
