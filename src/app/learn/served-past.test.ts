import { mkdtempSync, readdirSync, renameSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HOUR, manualClock } from '../../foundation/base/index.ts'
import { completeConfig, Kinds, type Slate } from '../../domain/index.ts'
import type { Dataset, RankingRequest } from '../../stream/samples/index.ts'
import { decodeFeatures, type ServedRecord, ServedReader } from '../../serving/served/index.ts'
import { openFileJournal } from '../../foundation/store/index.ts'
import { createEngine } from '../create-engine.ts'
import type { Engine } from '../engine.ts'
import { folderOf } from '../folder.ts'
import { openReader } from '../ingest/journal.ts'
import { retrievalData } from './retrieval-data.ts'
import { ServedPast } from './served-past.ts'
import { Workshop } from './workshop.ts'

// A platform that serves: every slate is shown, and its third item is watched. Training must find it as it was served.
const data = mkdtempSync(join(tmpdir(), 'sluice-served-'))
const clock = manualClock(Date.UTC(2026, 0, 1))
const config = completeConfig()
const slates: Slate[] = []
let engine: Engine

beforeAll(async () => {
  const world = { users: 60, items: 200, days: 7, events: 4000 }
  engine = createEngine({ data, config, clock, world })
  await engine.open()
  for (let n = 0; n < 30; n++) {
    const user = `u0000${n % 5}`
    clock.advance(60_000)
    const slate = await engine.slate({ surface: 'home', user, limit: 10 })
    slates.push(slate)
    const of = { user, slate: slate.slate, surface: 'home' }
    const at = clock.now()
    const shown = slate.items.map(({ item, position }) => ({
      ...{ ...of, id: `${slate.slate}.${position}`, kind: 'impression', item, position, at: at + 100 },
    }))
    const third = slate.items[2]?.item
    const watched = { ...of, id: `${slate.slate}.w`, kind: 'watch', item: third, position: 2, at: at + 30_000 }
    clock.advance(40_000)
    await engine.events([...shown, { ...watched, value: 20, completion: 0.9 }])
  }
  clock.advance(3 * HOUR)
  await new Promise((resolve) => setTimeout(resolve, 300)) // the log is written behind, by a tenth of a second
  await engine.events([{ id: 'last', kind: 'search', user: 'u00000', query: 'x', at: clock.now() }])
})

afterAll(async () => {
  await engine.close()
  rmSync(data, { recursive: true, force: true })
})

const materialOf = (learning: object = {}) => new Workshop(data, completeConfig({ learning })).material()

/** The requests of the slates, by slate: those behind the world's history. */
function served(samples: Dataset): RankingRequest[] {
  return Array.from({ length: samples.requests }, (_, i) => samples.request(i)).filter(
    ({ at }) => at >= Date.UTC(2026, 0, 1),
  )
}

const recordsOf = async (): Promise<ServedRecord[]> => {
  const reader = new ServedReader(await openFileJournal(folderOf(data).served, { segmentBytes: 1, readOnly: true }))
  return slates.flatMap(({ slate }) => reader.find(slate) ?? [])
}

test('samples are what was served: the very features, propensities and near misses of each slate', async () => {
  const { samples, served: report, report: built, parts } = await materialOf()
  const records = await recordsOf()
  expect(records).toHaveLength(slates.length)
  expect(report).toMatchObject({ found: slates.length })
  expect(report?.without).toBeUndefined()
  expect(built).toMatchObject({ served: slates.length, asServed: slates.length * 10 })
  const requests = served(samples)
  expect(requests).toHaveLength(slates.length)
  for (const [n, request] of requests.entries()) {
    const record = records[n] as ServedRecord
    const width = samples.width
    for (const [i, item] of record.items.entries()) {
      expect(parts.state.items.ids.name(request.items[i] as number)).toBe(item.item)
      expect(request.propensities[i]).toBeCloseTo(item.propensity, 6)
      expect(request.features.subarray(i * width, (i + 1) * width)).toEqual(decodeFeatures(item.features))
    }
    const near = record.runnersUp.slice(0, 20).map(({ item }) => parts.state.items.ids.find(item))
    expect([...request.near]).toEqual(near)
  }
})

test('slates by lot of the history of a simulated platform are known as such, and of no other folder', async () => {
  const originsOf = async () => {
    const { samples } = await materialOf()
    const history = Array.from({ length: samples.requests }, (_, i) => samples.request(i))
    return history.filter(({ at }) => at < Date.UTC(2026, 0, 1)).map(({ origin }) => origin)
  }
  const known = await originsOf()
  const share = known.filter((origin) => origin === 'randomised').length / known.length
  expect(share).toBeGreaterThan(0.01) // one home slate in twenty, and other surfaces have none
  expect(share).toBeLessThan(0.07)
  expect(served((await materialOf()).samples).every(({ origin }) => origin === 'logged')).toBe(true)
  const note = join(data, 'world.json')
  renameSync(note, `${note}.away`)
  expect(new Set(await originsOf())).toEqual(new Set(['logged']))
  renameSync(`${note}.away`, note)
})

test('what was shown by lot weighs one over its propensity, bounded; nothing weighs more unless it is asked for', async () => {
  const alike = (await materialOf()).samples
  const even = served(alike)
  expect(new Set(even.flatMap(({ weights }) => [...weights]))).toEqual(new Set([1]))
  const { samples } = await materialOf({ inverseWeightMax: 3 })
  let bounded = 0
  for (const { weights, propensities, explored } of served(samples)) {
    for (let i = 0; i < weights.length; i++) {
      expect(weights[i]).toBeCloseTo(Math.min(3, 1 / (propensities[i] as number)), 5)
      if (explored[i] === 1 && weights[i] === 3) bounded++
    }
  }
  expect(bounded).toBeGreaterThan(0) // explored places are drawn among many: their propensities are small
})

test('the towers learn what was watched against what its slate ranked and did not show', async () => {
  const records = new Map((await recordsOf()).map((record) => [record.slate, record]))
  const past = await ServedPast.open(data)
  const log = await openReader(data)
  const { samples, state } = retrievalData(() => log.replay(), new Kinds(), {
    ...{ history: 10, surfaces: ['home'], surface: 'home', seed: 'x' },
    near: (slate) => past.near(slate),
  })
  const own = served(samples).filter(({ near }) => near.length > 0)
  expect(own.length).toBeGreaterThan(5)
  for (const { items, near, user } of own) {
    const watched = state.items.ids.name(items[0] as number)
    const viewer = state.users.ids.name(user)
    const slate = slates.find((one) => one.items[2]?.item === watched && records.get(one.slate)?.user === viewer)
    const missed = records.get(slate?.slate ?? '')?.runnersUp.map(({ item }) => item) ?? []
    for (const row of near) expect(missed).toContain(state.items.ids.name(row))
    expect(near).not.toContain(items[0])
  }
})

test('without the log, samples are read again from the events', async () => {
  const { samples, served: report, report: built } = await materialOf({ served: false })
  expect(report).toBeUndefined()
  expect(built.asServed).toBe(0)
  for (const { near, propensities, features, items } of served(samples)) {
    expect(near).toHaveLength(0)
    expect(Math.max(...propensities)).toBe(0)
    expect(features).toHaveLength(items.length * samples.width)
  }
})

test('who was erased is in none of it', async () => {
  const user = 'u00003'
  const mine = slates.filter((_, n) => n % 5 === 3).map(({ slate }) => slate)
  expect(mine).toHaveLength(6)
  await engine.eraseUser(user)
  const past = await ServedPast.open(data)
  for (const slate of mine) {
    expect(past.near(slate)).toEqual([])
    expect(past.facts(slate, '')).toBeUndefined()
  }
  const { samples, served: report } = await materialOf()
  expect(report?.found).toBe(slates.length - 6)
  expect(served(samples)).toHaveLength(slates.length - 6)
})

test('a damaged log is said, and samples are made without it', async () => {
  await engine.close()
  const folder = folderOf(data).served
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.journal')))
    truncateSync(join(folder, name), 10)
  const { samples, served: report } = await materialOf()
  expect(report?.found).toBe(0)
  expect(report?.without ?? '').toContain(folder)
  expect(served(samples)).toHaveLength(slates.length - 6)
  rmSync(folder, { recursive: true })
  expect((await materialOf()).served).toEqual({ asked: 0, found: 0, without: 'nothing was logged' })
})
