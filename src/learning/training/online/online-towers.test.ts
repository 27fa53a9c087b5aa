import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY } from '../../../foundation/base/index.ts'
import { Dataset, HEADS } from '../../../stream/samples/index.ts'
import { type ModelUpdate, readUpdate, writeUpdate } from '../../embeddings/index.ts'
import { type ItemFacts, type RankingTables, readTwoTower, TwoTowerEncoder, writeTwoTower } from '../../models/index.ts'
import { toyFacts, toySamples } from '../testing/toy-samples.ts'
import { exportTwoTower, trainTwoTower, type TwoTowerRun } from '../two-tower/index.ts'
import { type Offer, OnlineTowers, readTrainableTowers, writeTrainable } from './index.ts'

const KNOWN = 60
/** Of category 0 by what it says of itself; it is consumed by whoever likes category 3. */
const NEW = 66
const CATALOGUE = 80
const living = { size: CATALOGUE, count: CATALOGUE, has: () => true }
const facts: ItemFacts = { ...toyFacts, creator: (item) => (item === NEW ? -1 : toyFacts.creator(item)) }
let folder: string
let run: TwoTowerRun
const path = (file: string) => join(folder, file)
const there = (file: string) => (fs.existsSync(path(file)) ? path(file) : undefined)
const all = Uint32Array.from({ length: CATALOGUE }, (_, row) => row)

beforeAll(async () => {
  folder = fs.mkdtempSync(join(tmpdir(), 'sluice-online-towers-'))
  run = await trainTwoTower({
    ...{ samples: toySamples('taste', 1500), facts, catalogue: all.subarray(0, KNOWN) },
    expectations: { emptyDaysMax: 100 },
    config: {
      network: { hidden: 32, units: 16, heads: 2, blocks: 0 },
      ...{ width: 16, history: 8, batch: 64, uniform: 32, denseRate: 5e-3, warmup: 10, epochs: 2, admission: 1 },
    },
  })
  writeTwoTower(run.artifact, path)
  writeTrainable(run.config, run.learned, path)
})
afterAll(() => fs.rmSync(folder, { recursive: true }))

const manifest = () => run.artifact.manifest
const open = () =>
  OnlineTowers.open('000001', manifest(), readTrainableTowers(manifest().spec, there), { facts, living })
async function serving(): Promise<TwoTowerEncoder> {
  const { users, items, tables } = readTwoTower(manifest(), path)
  return TwoTowerEncoder.open(manifest().spec, { users, items }, tables as RankingTables, facts)
}
const updateOf = (offer: Offer): ModelUpdate => {
  if (offer.kind !== 'update') throw new Error(JSON.stringify(offer))
  return offer.update
}

/** Whoever likes category 3 consumes the new item every other time. */
function withNew(seed: string, requests = 1200): Dataset {
  const samples = toySamples('taste', requests, seed)
  const [{ impressions }] = samples.chunks as [Dataset['chunks'][number]]
  for (let i = 0; i < impressions.item.length; i++) {
    const wanted = impressions.labels[i * HEADS] === 1 && impressions.item[i] % 6 === 3
    if (wanted && i % 2 === 0) impressions.item[i] = NEW
  }
  return samples
}

/** The place of the new item among all, for viewers whose history is of category 3 alone. */
async function placeOfNew(encoder: TwoTowerEncoder): Promise<number> {
  const items = [3, 9, 15, 21, 27, 33, 39, 45]
  const history = {
    items,
    ago: items.map((_, i) => 60 * (9 - i)),
    kinds: items.map(() => 1),
    completions: items.map(() => -1),
  }
  const viewer = await encoder.encodeUsers([{ user: -1, at: 0, surface: 1, history }])
  const vectors = await encoder.encodeItems(all)
  const score = (row: number) => viewer.reduce((sum, x, d) => sum + x * (vectors[row * encoder.units + d] as number), 0)
  const own = score(NEW)
  return Array.from(all).filter((row) => score(row) > own).length + 1
}

describe('two towers that learn on', () => {
  it('find who wants a new item, which what it says of itself does not tell; nothing else of them moves', async () => {
    const [online, served] = [await open(), await serving()]
    const before = await served.encodeItems(all)
    const weights = online.learned.dense.weights.slice()
    const place = await placeOfNew(served)
    expect(place).toBeGreaterThan(20)
    for (const seed of ['stream', 'more', 'again']) await online.take(withNew(seed))
    writeUpdate(path('update'), updateOf(await online.offer(5)))
    const update = readUpdate(path('update'))
    expect(update).toMatchObject({ model: 'two-tower', base: '000001', number: 1 })
    expect(update.weights).toHaveLength(0)
    const running = served.encodeItems(all) // has begun with what was before
    const changed = new Set(await served.update(update))
    expect(await running).toEqual(before)
    expect(changed.has(NEW)).toBe(true)
    expect(await placeOfNew(served)).toBeLessThanOrEqual(16) // thirteen others say that they are of category 3
    expect(online.learned.dense.weights).toEqual(weights)
    // Whose embedding did not change has the vector it had, to the bit: what has no row of its own among them.
    const after = await served.encodeItems(all)
    const vector = (of: Float32Array, row: number) => of.subarray(row * served.units, (row + 1) * served.units)
    for (const row of all)
      expect([row, changed.has(row)]).toEqual([row, vector(after, row).join() !== vector(before, row).join()])
    expect(changed.has(CATALOGUE - 1)).toBe(false)
    for (const one of [online, served]) await one.close()
  })

  it('serve what was learned: vectors are those of the version it is registered as, to the bit', async () => {
    const [online, served] = [await open(), await serving()]
    await online.take(withNew('stream'))
    await served.update(updateOf(await online.offer(1)))
    await online.take(withNew('more'))
    const second = updateOf(await online.offer(2))
    const changed = await served.update(second)
    expect(changed.length).toBeGreaterThan(10)
    expect(await served.update(second)).toHaveLength(0) // twice is once
    const version = (file: string) => path(`next-${file}`)
    writeTwoTower(exportTwoTower(manifest().spec, online.config, online.learned), version)
    const { users, items, tables } = readTwoTower(manifest(), version)
    const whole = await TwoTowerEncoder.open(manifest().spec, { users, items }, tables as RankingTables, facts)
    expect(await served.encodeItems(all)).toEqual(await whole.encodeItems(all))
    const viewers = Array.from({ length: 20 }, (_, i) => withNew('viewers', 20).request(i))
    expect(await served.encodeUsers(viewers)).toEqual(await whole.encodeUsers(viewers))
    for (const one of [online, served, whole]) await one.close()
  })

  it('are taken back to the bytes of the version, and take the next update all the same', async () => {
    const [online, served] = [await open(), await serving()]
    const before = await served.encodeItems(all)
    await online.take(withNew('stream'))
    const update = updateOf(await online.offer(1))
    const learned = await served.update(update)
    const after = await served.encodeItems(all)
    expect(served.learnedOf(NEW)).not.toBe(0)
    expect([...(await served.forget())].sort()).toEqual([...learned].sort())
    expect(await served.encodeItems(all)).toEqual(before)
    expect([served.updates, served.learnedOf(NEW)]).toEqual([0, 0])
    await served.update(update)
    expect(await served.encodeItems(all)).toEqual(after)
    for (const one of [online, served]) await one.close()
  })

  it('say what is wrong with an update, and serve on', async () => {
    const [online, served] = [await open(), await serving()]
    await online.take(withNew('stream'))
    const update = updateOf(await online.offer(1))
    const before = await served.encodeItems(all)
    await expect(served.update({ ...update, model: 'bst' })).rejects.toThrow(/two-tower serves here/)
    await expect(served.update({ ...update, deltas: {} })).rejects.toThrow(/says nothing of the table "item"/)
    await expect(served.update({ ...update, weights: new Float32Array(3) })).rejects.toThrow(/every vector/)
    const item = (update.deltas['item'] as Uint8Array).slice()
    item[item.length - 20] ^= 1
    await expect(served.update({ ...update, deltas: { item } })).rejects.toThrow(/checksum/)
    expect(await served.encodeItems(all)).toEqual(before)
    await served.update(update)
    expect(await served.encodeItems(all)).not.toEqual(before)
    for (const one of [online, served]) await one.close()
  })

  it('refuse what makes them worse, take it back, and learn on', async () => {
    const online = await open()
    await online.take(withNew('stream'))
    const first = updateOf(await online.offer(1))
    const { item } = online.learned.tables
    const held = item.gather(item.find(all)).slice()
    await online.take(withNew('more'))
    const { records, count } = item.rows
    for (let row = 2; row < count; row++)
      for (let d = 0; d < item.dim; d++) records.floats[records.offset(row) + d] *= -1
    expect(await online.offer(2)).toMatchObject({
      kind: 'refused',
      why: expect.stringMatching(/^its loss on \d+ held/),
    })
    expect(item.gather(item.find(all)).slice()).toEqual(held)
    await online.take(withNew('again'))
    expect(updateOf(await online.offer(3)).number).toBe(first.number + 1)
    await online.close()
  })

  it('learn the same bits from the same stream, in whatever portions it comes, also after a kill', async () => {
    const bytes: Buffer[] = []
    const stream = withNew('stream')
    const parts = Array.from({ length: 4 }, (_, i) => withNew(`part ${i}`, 300))
    for (const portions of [
      [...parts, stream],
      [
        new Dataset(
          stream.header,
          [...parts, stream].flatMap(({ chunks }) => chunks),
        ),
      ],
    ]) {
      const online = await open() // from the files of the version, as whoever was killed begins again
      for (const portion of portions) await online.take(portion)
      writeUpdate(path('same'), updateOf(await online.offer(1)))
      bytes.push(fs.readFileSync(path('same')))
      await online.close()
    }
    expect(bytes[0]?.equals(bytes[1] as Buffer)).toBe(true)
  })

  it('forget items that nobody consumed for long, and keep nothing of a viewer who is gone', async () => {
    const online = await open()
    await online.take(withNew('stream'))
    updateOf(await online.offer(1))
    const later = toySamples('taste', 1200, 'later')
    later.chunks[0]?.requests.at.forEach((at, r, every) => {
      every[r] = at + 10 * DAY
    })
    await online.take(later)
    updateOf(await online.offer(2))
    const { item } = online.learned.tables
    const own = () => item.find(Uint32Array.of(NEW))[0]
    expect(own()).toBeGreaterThan(1)
    expect(online.forget(5 * DAY)).toBeGreaterThanOrEqual(1)
    expect(own()).toBe(0)
    for (let user = 0; user < 50; user++) online.forgetUser(user)
    expect(await online.offer(3)).toMatchObject({ kind: 'waiting' })
    await online.take(toySamples('taste', 30, 'few'))
    expect(await online.offer(4)).toMatchObject({ kind: 'waiting' }) // nothing is held out any more
    await online.close()
  })
})
