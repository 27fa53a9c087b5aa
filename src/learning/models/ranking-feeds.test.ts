import { describe, expect, it } from 'vitest'
import { DEFAULT_ROW, type EmbeddingTable, stepTogether } from '../embeddings/index.ts'
import { Graph } from '../graph/index.ts'
import { portsOf, RankingFeeds } from './ranking-feeds.ts'
import { ageBucket, POSITIONS } from './ranking-inputs.ts'
import { emptyRows, type ItemFacts, writeRequest } from './ranking-rows.ts'
import { rankingTables } from './ranking-tables.ts'
import { RankingTensors } from './ranking-tensors.ts'
import { toySpec } from './testing/toy-spec.ts'

const spec = toySpec({ history: 3, width: 4, columns: 2 })
/** Item 5 has categories 1 and 2, item 6 only 2, item 7 none. */
const facts: ItemFacts = {
  creator: (item) => (item === 7 ? -1 : 40),
  categories: (item) => ({ 5: [1, 2], 6: [2] })[item] ?? [],
}
const sgd = { optimiser: { kind: 'sgd', rate: 1 }, admission: { threshold: 1 } } as const

function vector(table: EmbeddingTable, id: number): number[] {
  return [...table.gather(table.find(Uint32Array.of(id)), new Float32Array(table.dim))]
}

/** One request: items 5 and 6 in the history, candidates 6, 7 and a place of padding. */
function rowsOf() {
  const rows = emptyRows(1, 3, 3, 2)
  const history = { items: [5, 6], ago: [100, 0], kinds: [1, 9], completions: [0.6, -1] }
  writeRequest(rows, 0, { user: 3, at: Date.UTC(2026, 0, 1, 7, 30), surface: 1, history })
  rows.item.set([6, 7, -1])
  rows.position.set([0, 99, -1])
  return rows
}

describe('RankingFeeds', () => {
  it('fills codes and masks', () => {
    const g = new Graph()
    const inputs = new RankingTensors(g, spec, 1, 3)
    const names = [
      'history.mask',
      'history.age',
      'history.kind',
      'history.share',
      'surface',
      'hour',
      'position',
    ] as const
    for (const name of [...names, 'present'] as const) inputs.plain(name)
    const feeds = new RankingFeeds(spec, portsOf(g), rankingTables(spec), facts)
    const fed = feeds.fill(rowsOf())
    expect([...fed['history.mask']!]).toEqual([0, 1, 1]) // flush right
    expect([...fed['history.age']!]).toEqual([ageBucket(0), ageBucket(100), ageBucket(0)])
    expect([...fed['history.kind']!]).toEqual([0, 1, spec.kinds - 1]) // codes beyond are cut
    expect([...fed['history.share']!]).toEqual([0, 3, 0])
    expect([...fed['hour']!]).toEqual([7])
    expect([...fed['position']!]).toEqual([POSITIONS + 1, 2 * POSITIONS - 1, POSITIONS])
    const viewer = spec.groups.indexOf('viewer')
    const history = spec.groups.indexOf('history')
    const rows = { ...rowsOf(), missing: Uint32Array.of((1 << viewer) | (1 << history)) }
    const without = feeds.fill(rows)
    expect([...without['history.mask']!]).toEqual([0, 0, 0])
    expect([...without['present']!]).toEqual(spec.groups.map((_, i) => (i === viewer || i === history ? 0 : 1)))
  })

  it('averages bags and brings each gradient home once', () => {
    const g = new Graph()
    const inputs = new RankingTensors(g, spec, 1, 3)
    const names = ['candidate.item', 'history.item', 'history.category', 'candidate.creator'] as const
    for (const name of names) inputs.embedded(name)
    const tables = rankingTables(spec, sgd)
    const feeds = new RankingFeeds(spec, portsOf(g), tables, facts)
    const fed = feeds.fill(rowsOf(), 1000)
    const before = { item6: vector(tables.item, 6), one: vector(tables.category, 1), two: vector(tables.category, 2) }
    const creator = vector(tables.creator, 40)
    expect([...feeds.fill(rowsOf())['candidate.item']!.subarray(0, 4)]).toEqual(before.item6)
    expect([...fed['history.category']!.subarray(0, 4)]).toEqual([0, 0, 0, 0])
    const mean = before.one.map((x, d) => Math.fround(Math.fround(x / 2) + Math.fround(before.two[d]! / 2)))
    expect([...fed['history.category']!.subarray(4, 8)]).toEqual(mean)
    expect([...fed['history.category']!.subarray(8, 12)]).toEqual(before.two)
    expect([...feeds.fill(rowsOf(), 1000)['candidate.creator']!.subarray(4)]).toEqual(new Array(8).fill(0))

    const ones = (length: number) => new Float32Array(length).fill(1)
    feeds.accumulate(Object.fromEntries(names.map((name) => [name, ones(12)])))
    stepTogether({ tables: feeds.used })
    const moved = (now: number[], was: number[]) => now.map((x, d) => Math.round((was[d]! - x) * 1e5) / 1e5)
    expect(moved(vector(tables.item, 6), before.item6)).toEqual([2, 2, 2, 2]) // once as a candidate, once as history
    expect(moved(vector(tables.category, 1), before.one)).toEqual([0.5, 0.5, 0.5, 0.5])
    expect(moved(vector(tables.category, 2), before.two)).toEqual([1.5, 1.5, 1.5, 1.5])
    expect(moved(vector(tables.creator, 40), creator)).toEqual([1, 1, 1, 1])
  })

  it('serving reads the shared row for ids it does not know, or zeros, and makes no row', () => {
    const g = new Graph()
    new RankingTensors(g, spec, 1, 3).embedded('candidate.item')
    const tables = rankingTables(spec)
    const shared = new RankingFeeds(spec, portsOf(g), tables, facts).fill(rowsOf())['candidate.item']!
    const common = tables.item.gather(Uint32Array.of(DEFAULT_ROW), new Float32Array(4))
    expect([...shared.slice(0, 4)]).toEqual([...common])
    const zero = new RankingFeeds(spec, portsOf(g), tables, facts, { rare: 'zero' }).fill(rowsOf())['candidate.item']!
    expect([...zero]).toEqual(new Array(12).fill(0))
    expect(tables.item.size).toBe(0)
  })
})
