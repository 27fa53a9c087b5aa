import { expect, it } from 'vitest'
import { itemPrint } from './item-print.ts'
import type { ItemFacts } from './ranking-rows.ts'

interface Fact {
  readonly id: number
  readonly creator: number
  readonly categories: readonly number[]
  readonly content: number
}

/** Facts whose rows are places in a list, and whose tables know ids by themselves. */
function printsOf(items: readonly Fact[]): string[] {
  const at = (row: number) => items[row] as Fact
  const facts: ItemFacts = {
    creator: (row) => at(row).creator,
    categories: (row) => at(row).categories,
    content: (row, out) => out.fill(at(row).content),
    keys: { item: (row) => at(row).id, creator: (row) => 10 + row, category: (row) => 20 + row, user: () => 0 },
  }
  const print = itemPrint(facts)
  return items.map((_, row) => {
    const out = new Uint32Array(3)
    print(row, out, 1)
    expect(out[0]).toBe(0)
    return out.join()
  })
}

const item: Fact = { id: 5, creator: 1, categories: [1, 2], content: 0.25 }

it('is the same in whatever row an item lies', () => {
  const [a, , b] = printsOf([item, { ...item, id: 6 }, item])
  expect(a).toBe(b)
})

it('changes with everything that the tower reads', () => {
  const changes: Partial<Fact>[] = [
    { id: 6 },
    { creator: -1 },
    { creator: 2 },
    { categories: [1] },
    { categories: [2, 1] },
    { categories: [1, 2, 2] },
    { categories: [] },
    { content: 0.250001 },
    { content: 0 },
  ]
  const prints = printsOf([item, ...changes.map((change) => ({ ...item, ...change }))])
  expect(new Set(prints).size).toBe(changes.length + 1)
})

it('tells a hundred thousand items apart, in either half', () => {
  const prints = printsOf(Array.from({ length: 100_000 }, (_, id) => ({ ...item, id, content: id % 7 })))
  expect(new Set(prints).size).toBe(prints.length)
  // Of 1e5 numbers of 32 bits, 1e10 / 2^33 = 1.2 pairs are equal by accident: ten would be a bad hash.
  for (const half of [1, 2]) {
    const halves = new Set(prints.map((print) => print.split(',')[half]))
    expect(prints.length - halves.size).toBeLessThan(10)
  }
})
