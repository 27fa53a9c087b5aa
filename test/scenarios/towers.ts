import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { openRegistry } from '../../src/app/index.ts'
import type { ConfigInput } from '../../src/domain/index.ts'
import { Random } from '../../src/foundation/base/index.ts'
import { event, NOW } from './platform.ts'

/** Six kinds of items, viewers who like one kind: the right answer is planted, and popularity does not know it. */
const CATEGORIES = 6
export const ITEMS = 120
const USERS = 90
const PER_USER = 12

/** A surface of the two towers alone. */
export const towers = {
  ...{ limit: 15, diversity: 'none', creatorCap: 10, categoryCap: 10 },
  sources: { 'two-tower': { limit: 15, weight: 1 } },
} as const satisfies NonNullable<ConfigInput['surfaces']>[string]

export const itemOf = (i: number, category = i % CATEGORIES) => ({
  id: `i${i}`,
  title: `Item ${i}`,
  creator: `c${category}-${i % 2}`,
  categories: [`kind ${category}`],
})

export const items = () => Array.from({ length: ITEMS }, (_, i) => itemOf(i))

/** What the viewers opened: twelve items of their kind each, one an hour. */
export function opened(): object[] {
  const random = new Random('towers')
  return Array.from({ length: USERS }, (_, u) =>
    random
      .shuffle(Array.from({ length: ITEMS }, (_, i) => i).filter((i) => i % CATEGORIES === u % CATEGORIES))
      .slice(0, PER_USER)
      .map((i, n) => event('click', `u${u}`, `i${i}`, { at: NOW - (PER_USER - n) * 3_600_000 })),
  ).flat()
}

/**
 * Registers the files of a version once more, as if `judgedAs` had been its judgement: what a version says of itself
 * decides whether it may serve.
 */
export async function registerAgain(registry: ReturnType<typeof openRegistry>, of: string, judgedAs = of) {
  const { schema, name, version, createdAt, files, state, ...rest } = registry.show('two-tower', of)
  const draft = registry.draft('two-tower')
  for (const file of files) draft.write(file.name, readFileSync(join(registry.folder, name, version, file.name)))
  await draft.commit({ ...rest, gates: registry.show('two-tower', judgedAs).gates })
}
