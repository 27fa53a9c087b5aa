import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import { codesOf } from '../../serving/inference/index.ts'
import { candidateRequests } from './candidates.ts'
import { type WorldFolder, worldFolder } from './testing/world-folder.ts'
import { Workshop } from './workshop.ts'

const sources = { popular: { limit: 300, weight: 1 } }
const names = ['', 'home', 'next', 'search', 'continue', 'shelf', 'after']
let folder: WorldFolder
beforeAll(async () => {
  folder = await worldFolder({ users: 40, items: 200, days: 3, events: 1500, seed: 'candidates' })
  await folder.write(folder.entries)
}, 30_000)
afterAll(() => folder.remove())

/** How many of forty requests are made to each surface. */
async function askedOf(surfaces: object): Promise<Record<string, number>> {
  const workshop = new Workshop(folder.data, completeConfig({ surfaces }), undefined)
  const codes = { surfaces: codesOf(names), kinds: codesOf(['click']) }
  const asked = { count: 40, history: 5, seed: 's' }
  const requests = await candidateRequests(await workshop.material(), workshop.registry, codes, asked)
  expect(requests).toHaveLength(40)
  const counts: Record<string, number> = {}
  for (const { surface } of requests) counts[names[surface] ?? ''] = (counts[names[surface] ?? ''] ?? 0) + 1
  return counts
}

describe('the requests that a coarse ranker learns from', () => {
  it('are made to every surface that has something to cut, whatever a request to it has to say', async () => {
    const counts = await askedOf({
      home: { needs: 'item', sources },
      shelf: { sources },
      after: { needs: 'item', sources },
    })
    expect(Object.keys(counts).toSorted()).toEqual(['after', 'home', 'next', 'shelf'])
    expect(counts['shelf']).toBeGreaterThan(20)
  }, 30_000)

  it('are made to the surface that starts, and to what follows an item, as it comes', async () => {
    const counts = await askedOf({})
    expect(Object.keys(counts).toSorted()).toEqual(['home', 'next'])
    expect(counts['home']).toBeGreaterThan(20)
  }, 30_000)

  it('follow an item where every surface wants one', async () => {
    const none = { sources: { popular: { limit: 50, weight: 1 } } } // fewer than it ranks: nothing is cut
    expect(await askedOf({ home: none, continue: none })).toEqual({ next: 40 })
  }, 30_000)
})
