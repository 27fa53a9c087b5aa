import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import { HOUR, manualClock, Random } from '../../foundation/base/index.ts'
import { codesOf } from '../../serving/inference/index.ts'
import { createEngine } from '../create-engine.ts'
import { evaluate } from '../evaluate/evaluate.ts'
import { candidateRequests } from './candidates.ts'
import { knowsNoMore } from './held-out.ts'
import { openRegistry } from './models.ts'
import { train } from './train.ts'
import { Workshop } from './workshop.ts'

/** Six kinds of items, viewers who like one kind, one item an hour each: the right answer is planted. */
const [CATEGORIES, ITEMS, USERS, PER_USER] = [6, 120, 72, 12]
const NOW = Date.UTC(2026, 0, 2)
/** The last three hours of twelve. */
const HOLDOUT = 0.25
const FROM = NOW - 3 * HOUR
/** What is judged here is what was learnt, not how busy the machine is. */
const config = completeConfig({ learning: { gates: { latencyMsMax: 1000 } } })
const folders: string[] = []

/** A folder with what happened before a moment. */
async function folderUntil(end: number): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), 'sluice-held-'))
  folders.push(data)
  const engine = createEngine({ data, config, clock: manualClock(NOW) })
  await engine.open()
  const items = Array.from({ length: ITEMS }, (_, i) => i)
  const kindOf = (i: number) => i % CATEGORIES
  await engine.putItems(items.map((i) => ({ id: `i${i}`, title: `Item ${i}`, categories: [`kind ${kindOf(i)}`] })))
  const random = new Random('held')
  const events = Array.from({ length: USERS }, (_, u) => u).flatMap((u) =>
    random
      .shuffle(items.filter((i) => kindOf(i) === u % CATEGORIES))
      .slice(0, PER_USER)
      .map((i, n) => ({
        ...{ id: `${u}.${n}`, kind: 'click', user: `u${u}`, item: `i${i}` },
        at: NOW - (PER_USER - n) * HOUR,
      })),
  )
  expect((await engine.events(events.filter(({ at }) => at < end))).rejected).toEqual([])
  await engine.close()
  return data
}

let whole: string
let past: string
beforeAll(async () => {
  whole = await folderUntil(NOW)
  past = await folderUntil(FROM)
})
afterAll(() => {
  for (const data of folders) rmSync(data, { recursive: true, force: true })
})

/** What a version is made of: its files by their hashes. */
const filesOf = (data: string, model: string, version: string) =>
  openRegistry(data)
    .show(model, version)
    .files.map(({ name, sha256 }) => [name, sha256])
const weightsOf = (data: string, model: string, version: string) =>
  filesOf(data, model, version).filter(([name]) => name !== 'run.jsonl' && name !== 'loss.svg') // those tell of seconds

describe.each([
  ['two-tower', 4],
  ['sequence', 8],
] as const)('%s with a share held out', (model, epochs) => {
  const asked = { config, model, epochs, seed: '1' }

  it('learns what it would from a folder that ends at that moment, to the bit, and says so', async () => {
    const held = await train({ ...asked, data: whole, holdout: HOLDOUT })
    const ended = await train({ ...asked, data: past })
    expect(held.gates.filter(({ pass }) => !pass)).toEqual([])
    expect(weightsOf(whole, model, held.version)).toEqual(weightsOf(past, model, ended.version))
    expect(weightsOf(whole, model, held.version).length).toBeGreaterThan(3)
    expect(held.metrics).toEqual(ended.metrics)
    expect(openRegistry(whole).show(model, held.version).config['heldFrom']).toBe(FROM)
    expect(openRegistry(past).show(model, ended.version).config).not.toHaveProperty('heldFrom')
  })

  it('is judged, alone and in the spine, where all that is asked came later', async () => {
    const at = async (knownShare: number) => evaluate({ data: whole, config, protocol: 'time-split', knownShare })
    const { rows, notes } = await at(1 - HOLDOUT)
    const recall = (name: string) => rows.find((row) => row.name === name)?.metrics['recall@10']?.value ?? 0
    expect(recall(model)).toBeGreaterThan(3 * recall('popularity'))
    expect(notes.join()).toContain(`${model} model 000001 has learnt nothing from ${new Date(FROM).toISOString()} on`)
    const earlier = await at(0.6)
    expect(earlier.rows.map(({ name }) => name)).not.toContain(model)
    expect(earlier.notes.join()).toContain(`${model} model 000001 is left out`)
  })

  it('proposes candidates to a coarse ranker that holds out as much, to none that holds out more', async () => {
    const versionFor = async (holdout: number) => {
      const workshop = new Workshop(whole, config, undefined, { holdout })
      const material = await workshop.material()
      const source = material.parts.retrievers.find(({ name }) => name === model)
      const use = vi.spyOn(source as NonNullable<typeof source>, 'use')
      const codes = { surfaces: codesOf(['', 'home']), kinds: codesOf(['click']) }
      const asked = { count: 1, history: 5, seed: 's' }
      expect(await candidateRequests(material, workshop.registry, codes, asked)).toHaveLength(1)
      return use.mock.calls[0]?.[0]?.manifest.version
    }
    expect(await versionFor(HOLDOUT)).toBe('000001')
    expect(await versionFor(0.5)).toBeUndefined()
  })

  it('says from when on it was held out when too little is left', async () => {
    const needed = /50 users with three items before 2026-01-01T13:00:00.000Z.* there are 0/ // the second of twelve hours
    await expect(train({ ...asked, data: whole, holdout: 0.9 })).rejects.toThrow(needed)
  })

  it('is held against popularity where the live version may have learnt what judges', async () => {
    const all = { ...asked, data: past }
    const half = await train({ ...all, epochs: 1, holdout: 0.5 }) // the live version knows all of this folder
    expect(half.metrics).toHaveProperty('ndcg@10 of popularity')
    const again = await train({ ...all, epochs: 1 })
    expect(Object.keys(again.metrics).join()).toMatch(/ndcg@10 of live version/)
  })
})

it.each([
  [undefined, {}, true],
  [undefined, { heldFrom: 5 }, true],
  [5, { heldFrom: 5 }, true],
  [5, { heldFrom: 4 }, true],
  [5, { heldFrom: 6 }, false],
  [5, {}, false],
])('held out from %s, a model of %o knows no more: %s', (heldFrom, model, fair) => {
  expect(knowsNoMore(model, heldFrom)).toBe(fair)
})
