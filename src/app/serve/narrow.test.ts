import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { completeConfig, type SlateRequest } from '../../domain/index.ts'
import { HOUR, manualClock, Random } from '../../foundation/base/index.ts'
import { createEngine } from '../create-engine.ts'
import type { Engine } from '../engine.ts'
import { openRegistry } from '../learn/models.ts'
import { train } from '../learn/train.ts'

/** Kinds of items, viewers who like one kind each; one item in a hundred, whatever its kind, is rare. */
const [KINDS, ITEMS, MET, USERS, PER_USER] = [6, 6000, 120, 72, 12]
const EVERY = 100
const NOW = Date.UTC(2026, 0, 2)
const data = mkdtempSync(join(tmpdir(), 'sluice-narrow-'))
const config = completeConfig({ learning: { gates: { latencyMsMax: 1000 } } })
const kindOf = (i: number) => i % KINDS
/** 101 and 6 have no common divisor, so that rare items are of all kinds. */
const isRare = (i: number) => i % (EVERY + 1) === EVERY
let engine: Engine

function item(i: number) {
  const all = { id: `i${i}`, title: `Item ${i}`, categories: [`kind ${kindOf(i)}`], creator: `c${i}` }
  return isRare(i) ? { ...all, attributes: { rare: true } } : { ...all, countries: ['DE'] }
}

beforeAll(async () => {
  const first = createEngine({ data, config, clock: manualClock(NOW) })
  await first.open()
  await first.putItems(Array.from({ length: ITEMS }, (_, i) => item(i)))
  const random = new Random('narrow')
  const met = Array.from({ length: MET }, (_, i) => i)
  const events = Array.from({ length: USERS }, (_, u) => u).flatMap((u) =>
    random
      .shuffle(met.filter((i) => kindOf(i) === kindOf(u)))
      .slice(0, PER_USER)
      .map((i, n) => ({
        ...{ id: `${u}.${n}`, kind: 'click', user: `u${u}`, item: `i${i}` },
        at: NOW - (PER_USER - n) * HOUR,
      })),
  )
  expect((await first.events(events)).rejected).toEqual([])
  await first.close()
  const { version } = await train({ data, config, model: 'two-tower', epochs: 4, seed: '1' })
  await openRegistry(data).promote('two-tower', version)
  engine = createEngine({ data, config, clock: manualClock(NOW) })
  await engine.open()
  await vi.waitFor(() => expect(engine.status().models['two-tower']).toBe(version), 60_000)
})

afterAll(async () => {
  await engine.close()
  rmSync(data, { recursive: true, force: true })
})

/** Slates that are whole and full, of one viewer of each kind; shares of their items that are of that kind, and that the towers proposed. */
async function slates(request: Partial<SlateRequest>) {
  const [made, liked, towers] = [{ full: 0, whole: 0 }, [] as boolean[], [] as boolean[]]
  for (let u = 0; u < KINDS; u++) {
    const slate = await engine.slate({ surface: 'home', user: `u${u}`, limit: 10, seed: 's', ...request })
    if (slate.rung === 'full') made.whole++
    if (slate.items.length === 10) made.full++
    for (const { item: id, sources } of slate.items) {
      expect(isRare(Number(id.slice(1)))).toBe(true)
      liked.push(kindOf(Number(id.slice(1))) === kindOf(u))
      towers.push(sources.includes('two-tower'))
    }
  }
  const share = (all: boolean[]) => all.filter((one) => one).length / all.length
  return { ...made, liked: share(liked), towers: share(towers) }
}

describe('a request that one item in a hundred meets', () => {
  it.each<[string, Partial<SlateRequest>]>([
    ['by a rule', { filter: { field: 'rare', is: true }, context: { country: 'DE' } }],
    ['by where the viewer is', { context: { country: 'IS' } }],
  ])('gets a whole slate of what the viewer likes: narrowed %s', async (_, request) => {
    const { full, whole, liked, towers } = await slates(request)
    expect({ full, whole }).toEqual({ full: KINDS, whole: KINDS })
    expect(liked).toBeCloseTo(0.7) // as many as one category may have
    expect(towers).toBeGreaterThan(0.9)
  })
})
