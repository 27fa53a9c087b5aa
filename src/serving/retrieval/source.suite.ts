import { describe, expect, it } from 'vitest'
import type { Query } from '../pipeline/index.ts'
import { type ToyWorld, queryOf, toyWorld } from './testing/toy-world.ts'
import type { SourceName } from './sources/index.ts'

/** Most milliseconds of one call on the toy world that the suite would take for bounded work. */
const BOUNDED_MS = 1000

/**
 * What every source owes, whatever it proposes. `ask` makes a query that it has an answer to; where it has none for
 * an empty world or an unknown viewer, it gives an empty list.
 */
export function sourceSuite(name: SourceName, ask: (world: ToyWorld) => Partial<Query>): void {
  describe(`source ${name}`, () => {
    const retrieve = (world: ToyWorld, asked: Partial<Query>, limit: number) => {
      const list = world.sources[name].retrieve(queryOf(world, asked), limit, queryOf(world, asked).deadline)
      if (list instanceof Promise) throw new TypeError('The suite takes sources that answer at once')
      return { rows: Array.from(list.rows), scores: Array.from(list.scores) }
    }
    const world = toyWorld()
    const whole = retrieve(world, ask(world), 1000)

    it('is called by its name and answers', () => {
      expect(world.sources[name].name).toBe(name)
      expect(whole.rows.length).toBeGreaterThan(0)
      expect(whole.scores.length).toBe(whole.rows.length)
    })

    it('gives each row once, best first, ties by row, with finite scores', () => {
      expect(new Set(whole.rows).size).toBe(whole.rows.length)
      for (const score of whole.scores) expect(Number.isFinite(score)).toBe(true)
      for (let i = 1; i < whole.rows.length; i++) {
        const [before, score] = [whole.scores[i - 1] as number, whole.scores[i] as number]
        expect(before).toBeGreaterThanOrEqual(score)
        if (before === score) expect(whole.rows[i - 1]).toBeLessThan(whole.rows[i] as number)
      }
    })

    it('keeps to the limit', () => {
      for (const limit of [1, 2, 7]) {
        const { rows } = retrieve(world, ask(world), limit)
        expect(rows.length).toBe(Math.min(limit, whole.rows.length))
        if (name !== 'fresh') expect(rows).toEqual(whole.rows.slice(0, limit)) // fresh draws by lot
      }
    })

    it('gives equal lists to equal worlds and queries', () => {
      const other = toyWorld()
      expect(retrieve(other, ask(other), 50)).toEqual(retrieve(world, ask(world), 50))
      expect(retrieve(world, ask(world), 1000)).toEqual(whole)
    })

    it('gives no item that was deleted, and none that is not there', () => {
      const shrunk = toyWorld()
      const gone = retrieve(shrunk, ask(shrunk), 1000).rows.filter((_, i) => i % 2 === 0)
      for (const row of gone) shrunk.delete(row)
      for (const row of retrieve(shrunk, { ...ask(shrunk), at: shrunk.now + 3_600_000 }, 1000).rows) {
        expect(gone).not.toContain(row)
        expect(shrunk.state.items.has(row)).toBe(true)
      }
    })

    it('takes an unknown viewer and an empty world', () => {
      expect(() => retrieve(world, {}, 10)).not.toThrow()
      const empty = toyWorld({ items: 0, users: 0 })
      expect(retrieve(empty, {}, 10)).toEqual({ rows: [], scores: [] })
      expect(retrieve(empty, { text: 'nothing at all' }, 10)).toEqual({ rows: [], scores: [] })
    })

    it('does bounded work', () => {
      const start = performance.now()
      retrieve(world, ask(world), 10_000)
      expect(performance.now() - start).toBeLessThan(BOUNDED_MS) // hangs are found, speed is measured by the bench
    })
  })
}
