import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY } from '../../../foundation/base/index.ts'
import { type Dataset, HEADS } from '../../../stream/samples/index.ts'
import { type ModelUpdate, readUpdate, writeUpdate } from '../../embeddings/index.ts'
import { readRanker, RankingScorer, type ScoreRequest, writeRanker } from '../../models/index.ts'
import { exportRanker, type RankingConfig, type RankingRun, trainRanker } from '../ranking/index.ts'
import { toyFacts, toySamples } from '../testing/toy-samples.ts'
import { Holdout, type Offer, OnlineRanker, readTrainable, writeTrainable } from './index.ts'

const config = {
  ...{ width: 8, history: 8, requests: 16, epochs: 1, network: { hidden: [16] }, tableRate: 0.05 },
  ...{ warmup: 5, positionDropout: 0 },
} as const
const NEW = 60
let folder: string
let run: RankingRun
const path = (file: string) => join(folder, file)

beforeAll(async () => {
  folder = fs.mkdtempSync(join(tmpdir(), 'sluice-online-'))
  const samples = toySamples('taste', 400)
  run = await trainRanker({ recipe: 'din', samples, facts: toyFacts, config, expectations: { emptyDaysMax: 9 } })
  writeRanker(run.artifact, path)
  writeTrainable(run.config, run.learned, path)
})
afterAll(() => fs.rmSync(folder, { recursive: true }))

const artifact = () => readRanker(run.artifact.manifest, path)
const there = (file: string) => (fs.existsSync(path(file)) ? path(file) : undefined)
const open = () => {
  const { manifest } = artifact()
  return OnlineRanker.open('000001', manifest, readTrainable('din', manifest.spec, there), toyFacts, {
    denseScale: 0.1,
    tableScale: 1,
  })
}
const scorer = () => RankingScorer.open(artifact(), toyFacts)

/** Fresh requests; `change` may plant something in each impression. */
function samplesOf(
  seed: string,
  requests: number,
  change?: (chunk: Dataset['chunks'][number], i: number) => void,
): Dataset {
  const samples = toySamples('taste', requests, seed)
  const [chunk] = samples.chunks as [Dataset['chunks'][number]]
  // The lot of the holdout falls by place.
  for (let r = 0; r < requests; r++) chunk.requests.place[r] = r
  if (change) for (let i = 0; i < chunk.impressions.item.length; i++) change(chunk, i)
  return samples
}
/** Every slate shows the new item last, and it is always opened. */
const withNew = (chunk: Dataset['chunks'][number], i: number) => {
  if (i % 6 !== 5) return
  chunk.impressions.item[i] = NEW
  chunk.impressions.labels[i * HEADS] = 1
}

function askOf(samples: Dataset, index: number): ScoreRequest {
  const { user, at, surface, history, items, features } = samples.request(index)
  return { user, at, surface, history, candidates: items, features }
}
const updateOf = (offer: Offer): ModelUpdate => {
  if (offer.kind !== 'update') throw new Error(JSON.stringify(offer))
  return offer.update
}

describe('a ranker that learns on', () => {
  it('goes on from the very weights that serve', async () => {
    const online = await open()
    expect([...online.learned.dense.weights]).toEqual([...run.learned.dense.weights])
    expect(await online.offer(0)).toMatchObject({ kind: 'waiting' })
    await online.close()
  })

  it('gives an id it never met an embedding of its own, which a scorer takes between two requests', async () => {
    const online = await open()
    const serving = await scorer()
    const samples = samplesOf('new', 300, withNew)
    const ask = askOf(samples, 0)
    const before = await serving.score(ask)
    await online.take(samples)
    const update = updateOf(await online.offer(5))
    writeUpdate(path('update'), update)
    const read = readUpdate(path('update'))
    const running = serving.score(ask) // has begun with the weights before
    expect(await running).toEqual(before)
    await serving.update(read)
    const after = await serving.score(ask)
    // Opened every time it was shown, so its probability rises towards 1: the last of the slate.
    const of = (scores: Float32Array) => scores[5 * HEADS] as number
    expect(of(after)).toBeGreaterThan(of(before) + 0.1)
    // What serves now is what was trained, to the bit.
    const { manifest } = artifact()
    const whole = exportRanker('din', manifest.spec, online.config, online.learned, {
      heads: manifest.learned,
      calibrations: manifest.calibrations,
    })
    const other = await RankingScorer.open(whole, toyFacts)
    for (let i = 0; i < 20; i++) {
      const [a, b] = [await serving.logits(askOf(samples, i)), await other.logits(askOf(samples, i))]
      for (const [k, value] of a.entries()) expect(value).toBeCloseTo(b[k] as number, 5)
    }
    await serving.update(read) // twice is once
    expect(await serving.score(ask)).toEqual(after)
    for (const one of [serving, other, online]) await one.close()
  })

  it('takes the place of a process that ended: who has its updates comes to what the next one learned', async () => {
    const [ended, serving] = [await open(), await scorer()]
    const updates: ModelUpdate[] = []
    for (const seed of ['ended 1', 'ended 2']) {
      await ended.take(samplesOf(seed, 300, withNew))
      updates.push(updateOf(await ended.offer(1)))
      await serving.update(updates.at(-1) as ModelUpdate)
    }
    const next = await open()
    next.succeed(updates.at(-1) as ModelUpdate)
    await next.take(samplesOf('next', 200))
    const update = updateOf(await next.offer(3))
    expect(update.number).toBe(3)
    await serving.update(update)
    const fresh = await scorer()
    await fresh.update(update)
    for (let i = 0; i < 20; i++) {
      const ask = askOf(samplesOf('ended 2', 300, withNew), i)
      expect([...(await serving.logits(ask))]).toEqual([...(await fresh.logits(ask))])
    }
    for (const one of [ended, next, serving, fresh]) await one.close()
  })

  it('refuses what makes it worse, takes it back, and learns on', async () => {
    const online = await open()
    const good = samplesOf('good', 500)
    await online.take(good)
    const first = updateOf(await online.offer(1))
    const weights = online.learned.dense.weights.slice()
    const items = online.learned.tables.item
    const vectors = () => items.gather(items.find(Uint32Array.from({ length: 60 }, (_, i) => i))).slice()
    const held = vectors()
    // Labels upside down in all that is learned from; what is held out stays true.
    const learned = new Set(new Holdout(run.config.seed).take(samplesOf('bad', 400)))
    const bad = samplesOf('bad', 400, ({ impressions, requests }, i) => {
      if (learned.has(requests.place[Math.floor(i / 6)] as number))
        impressions.labels[i * HEADS] = 1 - (impressions.labels[i * HEADS] as number)
    })
    for (let i = 0; i < 3; i++) await online.take(bad)
    expect([...online.learned.dense.weights]).not.toEqual([...weights])
    expect(await online.offer(2)).toMatchObject({
      kind: 'refused',
      why: expect.stringMatching(/^its loss on \d+ held/),
    })
    expect([...online.learned.dense.weights]).toEqual([...weights])
    expect(vectors()).toEqual(held)
    await online.take(samplesOf('good again', 500))
    expect(updateOf(await online.offer(3)).number).toBe(first.number + 1)
    await online.close()
  })

  it('refuses weights that are not numbers', async () => {
    const online = await open()
    await online.take(samplesOf('fine', 300))
    online.learned.dense.weights[3] = Number.NaN
    expect(await online.offer(1)).toMatchObject({ kind: 'refused', why: 'a dense weight is not finite' })
    expect(online.learned.dense.weights[3]).toBe(run.learned.dense.weights[3])
    await online.close()
  })

  it('says what is wrong with an update, and serves on', async () => {
    const online = await open()
    const serving = await scorer()
    const samples = samplesOf('fine', 300)
    await online.take(samples)
    const update = updateOf(await online.offer(1))
    const before = await serving.score(askOf(samples, 0))
    await expect(serving.update({ ...update, model: 'bst' })).rejects.toThrow(/din serves here/)
    await expect(serving.update({ ...update, deltas: {} })).rejects.toThrow(/says nothing of the table/)
    await expect(serving.update({ ...update, weights: new Float32Array(3) })).rejects.toThrow(/has 3 weights/)
    const item = (update.deltas['item'] as Uint8Array).slice()
    item[item.length - 20] ^= 1
    await expect(serving.update({ ...update, deltas: { ...update.deltas, item } })).rejects.toThrow(/checksum/)
    expect(await serving.score(askOf(samples, 0))).toEqual(before)
    await serving.update(update)
    expect(await serving.score(askOf(samples, 0))).not.toEqual(before)
    for (const one of [serving, online]) await one.close()
  })

  it('forgets ids unseen for longer than an age: served so by the version, and after a kill just the same', async () => {
    const ids = Uint32Array.of(NEW)
    const online = await open()
    expect(online.forget(DAY)).toBe(0) // nothing was learned, so no time has passed
    await online.take(samplesOf('new', 300, withNew))
    updateOf(await online.offer(1))
    const later = samplesOf('later', 300)
    later.chunks[0]?.requests.at.forEach((at, r, all) => {
      all[r] = at + 10 * DAY
    })
    await online.take(later)
    updateOf(await online.offer(2))
    const { item } = online.learned.tables
    const size = item.size
    expect(online.forget(11 * DAY)).toBe(0)
    expect(item.find(ids)[0]).toBeGreaterThan(1)
    expect(online.forget(5 * DAY)).toBeGreaterThanOrEqual(1)
    expect(item.size).toBe(size - 1) // all other items came again
    expect(item.find(ids)[0]).toBe(0)

    // Registered: the version scores it like an item it never met, of the same creator and category.
    const version = (file: string) => path(`forgot-${file}`)
    const { manifest } = artifact()
    const { learned: heads, calibrations } = manifest
    const whole = exportRanker('din', manifest.spec, online.config, online.learned, { heads, calibrations })
    writeRanker(whole, version)
    writeTrainable(online.config, online.learned, version)
    online.rebase('000002')
    const serving = await RankingScorer.open(readRanker(whole.manifest, version), toyFacts)
    const ask = askOf(later, 0)
    const scored = (one: number) => serving.score({ ...ask, candidates: Array.from(ask.candidates, () => one) })
    expect(await scored(NEW)).toEqual(await scored(2 * NEW))
    expect(await scored(NEW)).not.toEqual(await scored(0))

    // Killed now, another one goes on from the files as this one does, and serving takes the update of either.
    const kept = (file: string) => (fs.existsSync(version(file)) ? version(file) : undefined)
    const trainable = readTrainable('din', manifest.spec, kept)
    const scales = { denseScale: 0.1, tableScale: 1 }
    const again = await OnlineRanker.open('000002', whole.manifest, trainable, toyFacts, scales)
    const bytes: Buffer[] = []
    for (const one of [online, again]) {
      await one.take(samplesOf('after', 300, withNew))
      const update = updateOf(await one.offer(3))
      writeUpdate(path('after'), update)
      bytes.push(fs.readFileSync(path('after')))
      await serving.update(update)
    }
    expect(bytes[0]?.equals(bytes[1] as Buffer)).toBe(true)
    expect(await scored(NEW)).not.toEqual(await scored(2 * NEW))
    for (const one of [online, again, serving]) await one.close()
  })

  it('weighs as the training did but for the cap, and not at all where that was before there were weights', async () => {
    const { manifest } = artifact()
    const trainable = readTrainable('din', manifest.spec, there)
    const { watchWeight: _, userCap: __, positionPower: ___, ...older } = trainable.config
    const old = (file: string) => path(`old-${file}`)
    for (const file of fs.readdirSync(folder)) fs.copyFileSync(path(file), old(file))
    fs.writeFileSync(old('training.json'), JSON.stringify(older))
    const read = readTrainable('din', manifest.spec, (file) => (fs.existsSync(old(file)) ? old(file) : undefined))
    expect(read.config).toEqual(trainable.config)

    const learned = async (weights: Partial<RankingConfig>) => {
      const { config, ...rest } = readTrainable('din', manifest.spec, there)
      const online = await OnlineRanker.open(
        '000001',
        manifest,
        { ...rest, config: { ...config, ...weights } },
        toyFacts,
      )
      await online.take(samplesOf('weighed', 100))
      const dense = [...online.learned.dense.weights]
      await online.close()
      return dense
    }
    const plain = await learned({})
    expect(await learned({ userCap: 1 })).toEqual(plain)
    expect(await learned({ watchWeight: 3 })).not.toEqual(plain)
  })

  it('gives the same bits for the same samples', async () => {
    const updates: Buffer[] = []
    for (let i = 0; i < 2; i++) {
      const online = await open()
      await online.take(samplesOf('same', 300))
      writeUpdate(path('same'), updateOf(await online.offer(1)))
      updates.push(fs.readFileSync(path('same')))
      await online.close()
    }
    expect(updates[0]?.equals(updates[1] as Buffer)).toBe(true)
  })
})
