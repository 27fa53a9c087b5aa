import { describe, expect, it } from 'vitest'
import { Random } from '../../foundation/base/index.ts'
import { Graph } from '../graph/index.ts'
import { portsOf, RankingFeeds } from './ranking-feeds.ts'
import { emptyRows, type ItemFacts, writeRequest } from './ranking-rows.ts'
import { rankingTables } from './ranking-tables.ts'
import { RankingTensors } from './ranking-tensors.ts'
import { ItemVectors, ServedFeeds } from './served-feeds.ts'
import { toySpec } from './testing/toy-spec.ts'

const spec = toySpec({ history: 3, width: 4, columns: 2 })
const CANDIDATES = 300
const ITEMS = 400
const NAMES = ['candidate.token', 'candidate.item', 'history.token', 'viewer'] as const

function setting(slots: number) {
  let revision = 0
  let shift = 0
  const facts: ItemFacts = {
    creator: (item) => (item % 7 === 0 ? -1 : item % 40),
    categories: (item) => [[], [item % 5], [item % 5, (item + shift) % 9]][item % 3] ?? [],
    revision: () => revision,
  }
  const tables = rankingTables(spec, { admission: { threshold: 1 } })
  const g = new Graph()
  const inputs = new RankingTensors(g, spec, 1, CANDIDATES)
  for (const name of NAMES) inputs.embedded(name)
  const all = new RankingFeeds(spec, portsOf(g), tables, facts)
  const rows = emptyRows(1, CANDIDATES, 3, 2)
  const random = new Random('served feeds')
  const draw = () => {
    const items = [random.int(ITEMS), random.int(ITEMS)]
    const history = { items, ago: [9, 0], kinds: [1, 1], completions: [-1, -1] }
    writeRequest(rows, 0, { user: random.int(50), at: 0, surface: 1, history })
    for (let i = 0; i < CANDIDATES; i++) rows.item[i] = i % 50 === 49 ? -1 : random.int(ITEMS)
    return rows
  }
  for (let n = 0; n < 3; n++) all.fill(draw(), 1000) // most items get rows of their own
  const vectors = new ItemVectors(spec, tables, facts, slots)
  const served = new ServedFeeds(spec, portsOf(g), tables, facts, vectors)
  const numbers = (feeds: Record<string, ArrayLike<number>>) =>
    Object.fromEntries(NAMES.map((name) => [name, Array.from(feeds[name] ?? [])]))
  return {
    tables,
    vectors,
    reclassify: () => {
      shift++
      revision++
    },
    same: () => {
      draw()
      expect(numbers(served.fill(rows))).toEqual(numbers(all.fill(rows)))
    },
    /** A request with fewer candidates than the graph takes. */
    fewer: (count: number) => {
      draw()
      const { position, item, features, shape } = rows
      const some = { position: position.subarray(0, count), item: item.subarray(0, count) }
      const few = served.fill({ ...rows, ...some, features, shape: { ...shape, impressions: count } })
      const whole = all.fill(rows)
      for (const name of ['candidate.token', 'candidate.item'] as const)
        expect(few[name]?.subarray(0, count * 4)).toEqual(whole[name]?.subarray(0, count * 4))
      expect(few['history.token']).toEqual(whole['history.token'])
    },
    differ: () => {
      draw()
      expect(numbers(served.fill(rows))).not.toEqual(numbers(all.fill(rows)))
    },
  }
}

describe('ServedFeeds', () => {
  it.each([8, 256, 4096])('feeds the same bits as the feeds that keep nothing, with %i slots', (slots) => {
    const { same } = setting(slots)
    for (let n = 0; n < 20; n++) same()
  })

  it('feeds a request with fewer candidates than the graph takes', () => {
    const { fewer } = setting(64)
    for (const count of [300, 1, 17, 70, 260]) fewer(count)
  })

  it('makes vectors anew when an item is classified anew, and when the tables have changed', () => {
    const { same, differ, reclassify, tables, vectors } = setting(4096)
    for (let n = 0; n < 5; n++) same()
    reclassify()
    same()
    const rows = tables.category.find(Uint32Array.of(1, 2, 3))
    tables.category.apply(rows, new Float32Array(rows.length * tables.category.dim).fill(1))
    differ()
    vectors.forget()
    for (let n = 0; n < 5; n++) same()
  })
})
