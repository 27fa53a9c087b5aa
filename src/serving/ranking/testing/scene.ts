import { completeConfig, type SurfaceConfig } from '../../../domain/index.ts'
import { Candidates, type Query } from '../../pipeline/index.ts'
import { stranger, testQuery } from '../../pipeline/testing/query.ts'
import type { InputName } from '../inputs.ts'

export const config = completeConfig()

/** Values of an item nothing is known about. */
export const unknown: Readonly<Record<InputName, number>> = {
  'item.ctr': config.ranking.priorCtr,
  'item.completion': config.ranking.priorCompletion,
  'item.satisfaction': 0,
  'item.rating': 0,
  'item.negative': 0.005,
  'item.age': Math.log1p(10_000),
  'item.rank': 0,
  'affinity.category': 0,
  'affinity.creator': 0,
  'fatigue.item': 0,
}
/** Not in the order that the ranker asks for, and among others. */
export const names: readonly string[] = ['other', ...Object.keys(unknown).reverse(), 'more']

export interface Thing {
  readonly ranks?: Readonly<Record<string, number>>
  readonly features?: Partial<Record<InputName, number>>
}

export function candidatesOf(things: readonly Thing[]): Candidates {
  const sources = Object.keys((config.surfaces['home'] as SurfaceConfig).sources)
  const set = new Candidates(sources, things.length)
  set.features = new Float32Array(things.length * names.length).fill(99)
  things.forEach(({ ranks = {}, features = {} }, i) => {
    set.rows[i] = i
    sources.forEach((source, s) => {
      set.sourceRanks[i * sources.length + s] = ranks[source] ?? 0
    })
    for (const [name, value] of Object.entries({ ...unknown, ...features }))
      set.features[i * names.length + names.indexOf(name)] = value
  })
  return set
}

export function homeQuery(changes: Partial<Query> = {}): Query {
  const viewer = { ...stranger, row: 0, id: 'u', personal: true, historyLength: 5 }
  return testQuery({ viewer, at: 1_000, limit: 20, ...changes })
}
