import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY } from '../../foundation/base/index.ts'
import { RankingScorer, type RankerArtifact } from '../../learning/models/index.ts'
import { trainRanker } from '../../learning/training/index.ts'
import { Dataset, HEADS, type SampleChunk, type SamplesHeader, writeSamples } from '../../stream/samples/index.ts'
import { createEngine } from '../create-engine.ts'
import type { Engine } from '../engine.ts'
import { calm } from './testing/calm.ts'
import { train } from './train.ts'
import { registerRanker } from './testing/register-ranker.ts'
import { type Material, Workshop } from './workshop.ts'

const MODEL = 'wdl'
const data = mkdtempSync(join(tmpdir(), 'sluice-hostile-samples-'))
const config = calm({ fine: MODEL })
let engine: Engine
let material: Material
let artifact: RankerArtifact

beforeAll(async () => {
  engine = createEngine({ data, config, world: { users: 150, items: 300, days: 14, events: 12_000 } })
  await engine.open()
  const workshop = new Workshop(data, config)
  material = await workshop.material()
  const { samples, facts } = material
  const run = await trainRanker({ recipe: MODEL, samples, facts, config: { epochs: 1, width: 4, history: 4 } })
  artifact = run.artifact
  await registerRanker(workshop, MODEL, material, run)
  await answers()
})
afterAll(async () => {
  await engine.close()
  rmSync(data, { recursive: true, force: true })
})

const ask = () => engine.slate({ surface: 'home', user: 'u00003', limit: 5 })
/** The registered version is what ranks, here and in the registry, and nothing stands beside it. */
async function answers(): Promise<void> {
  const wanted = `${MODEL}/000001`
  let ranker: string | undefined
  for (let tries = 0; tries < 100 && ranker !== wanted; tries++) {
    ranker = (await ask()).models?.['fine']
    if (ranker !== wanted) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(ranker).toBe(wanted)
  expect(readdirSync(join(data, 'models', MODEL)).toSorted()).toEqual(['000001', 'pointer.json'])
}

/** A file of the folder's samples, spoiled. */
function spoiled(change: (chunks: SampleChunk[]) => void, header: Partial<SamplesHeader> = {}): string {
  const { samples } = material
  const chunks = samples.chunks.map((chunk) => structuredClone(chunk))
  change(chunks)
  const file = join(data, 'spoiled.samples')
  writeSamples(file, { ...samples.header, ...header }, chunks)
  return file
}
const each = (change: (chunk: SampleChunk) => void) => (chunks: SampleChunk[]) => chunks.forEach(change)
const clicks = (value: number) =>
  each(({ impressions: { known, labels } }) => {
    for (let i = 0; i < known.length; i++) if ((known[i]! & 1) === 1) labels[i * HEADS] = value
  })

describe('samples that nothing can be learnt from', () => {
  it.each<[string, (chunks: SampleChunk[]) => void, Partial<SamplesHeader>, RegExp]>([
    ['NaN labels', clicks(Number.NaN), {}, /NaN labels is \d+, not at most 0/],
    ['nothing clicked', clicks(0), {}, /both classes is 0, not 1 to \d+/],
    ['everything clicked', clicks(1), {}, /both classes is (\d+), not 1 to \d+ \(\1 of \1 impressions/],
    [
      'months without a day',
      ([first]) => first?.requests.at.forEach((at, i, all) => void (i < 10 && (all[i] = at - 200 * DAY))),
      {},
      /empty days is \d+, not at most \d+/,
    ],
    [
      'a column in another unit',
      each(({ impressions: { features } }) => {
        const width = material.samples.width
        for (let at = material.parts.features.index('item.ctr'); at < features.length; at += width) features[at]! *= 100
      }),
      {},
      /features out of range is [\d.]+, not at most 0.001 .*item\.ctr \(\d+: [\d.]+ to [\d.]+, not 0 to 1\)/,
    ],
    [
      'cells that are no numbers',
      ([first]) => void (first!.impressions.features[3] = Number.NaN),
      {},
      /features not finite is 1, not at most 0 .* in \S+ \(1\)/,
    ],
    [
      'features of another schema',
      () => undefined,
      { featureDigest: 'another' },
      /feature digest is another, not [0-9a-f]{16} .*build the samples anew/,
    ],
  ])('%s are refused by name, and what served serves', async (_, change, header, said) => {
    const samples = spoiled(change, header)
    await expect(train({ data, config, model: MODEL, epochs: 1, samples })).rejects.toMatchObject({
      code: 'ERR_SAMPLES_INVALID',
      message: expect.stringMatching(said),
    })
    await answers()
  })
})

describe('categories, creators and items that no training met', () => {
  const strange = (name: string) => ({ id: name, creator: `of ${name}`, categories: [`made for ${name}`] })

  it('are served: what nobody knows counts as the rare do, and one of them as the other', async () => {
    const report = await engine.putItems([strange('new 1'), strange('new 2')])
    expect(report).toMatchObject({ accepted: 2, rejected: [] })
    const slate = await ask()
    expect(slate.models?.['fine']).toBe(`${MODEL}/000001`)
    expect(slate.items.every(({ score }) => Number.isFinite(score))).toBe(true)

    const { parts, facts, samples } = material
    for (const name of ['new 1', 'new 2'])
      parts.state.apply({ type: 'item', item: strange(name), at: parts.clock.now() })
    const { user, at, surface, history, items, features } = samples.request(samples.requests - 1)
    const rows = ['new 1', 'new 2'].map((name) => parts.state.items.ids.find(name))
    expect(rows.every((row) => row >= 0)).toBe(true)
    const cells = features.subarray(0, samples.width)
    const scorer = await RankingScorer.open(artifact, facts)
    const candidates = Uint32Array.of(...rows, items[0] as number)
    const logits = await scorer.score({
      ...{ user, at, surface, history, candidates },
      features: Float32Array.from({ length: 3 * samples.width }, (_, i) => cells[i % samples.width]),
    })
    await scorer.close()
    const heads = logits.length / 3
    expect(logits.every(Number.isFinite)).toBe(true)
    const [one, other, known] = [0, 1, 2].map((i) => [...logits.subarray(i * heads, (i + 1) * heads)])
    expect(one).toEqual(other)
    expect(known).not.toEqual(one)
  })

  it('are learnt from: a part to be judged on that names only such trains, and tells its figures', async () => {
    const { samples, facts } = material
    const last = Math.floor(samples.requests * 0.9)
    const chunks = samples.chunks.map((chunk) => structuredClone(chunk))
    const known = Math.max(...chunks.flatMap(({ impressions }) => [...new Set(impressions.item)])) + 1
    let request = 0
    for (const { requests, impressions } of chunks)
      for (let r = 0, i = 0; r < requests.at.length; r++, request++)
        for (; i < requests.impressionEnd[r]!; i++) if (request >= last) impressions.item[i] = known + i
    const run = await trainRanker({
      ...{ recipe: MODEL, samples: new Dataset(samples.header, chunks) },
      facts: {
        creator: (item) => (item < known ? facts.creator(item) : 1e6 + item),
        categories: (item) => (item < known ? facts.categories(item) : [1e6 + item]),
      },
      config: { epochs: 1, width: 4, history: 4 },
    })
    const { auc, logloss, ece } = run.metrics['click']!
    for (const figure of [auc?.value, logloss?.value, ece?.value]) expect(figure).toBeGreaterThan(0)
  })
})
