import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import type { ExternalContract } from '../../learning/models/index.ts'
import { Registry } from '../../learning/registry/index.ts'
import { createEngine } from '../create-engine.ts'
import type { Engine } from '../engine.ts'
import { addModel, externalInputs } from './add.ts'
import { train } from './train.ts'
import { linearModel } from './testing/linear-model.ts'

const data = mkdtempSync(join(tmpdir(), 'sluice-add-'))
/** What is judged here is what was learnt, not how busy the machine is. */
const config = completeConfig({
  ranking: { fine: 'boosted', coarse: 'bootstrap', degraded: 'bootstrap' },
  learning: { gates: { latencyMsMax: 1000 } },
})
const registry = new Registry(join(data, 'models'))
const { features } = externalInputs(config)
const columns = ['item.popularity', 'item.ctr']
const contract: ExternalContract = {
  features: { digest: features.digest, columns },
  input: 'features',
  outputs: [{ name: 'logits', heads: ['click'] }],
  values: 'logits',
}
let engine: Engine

beforeAll(async () => {
  engine = createEngine({ data, config, world: { users: 60, items: 200, days: 5, events: 4000 } })
  await engine.open()
})
afterAll(async () => {
  await engine.close()
  rmSync(data, { recursive: true, force: true })
})

/** Hands a model and its manifest over as files, as a stranger would. */
function add(model: Uint8Array, says: object = contract, name = 'boosted') {
  const [file, manifest] = [join(data, 'handed.onnx'), join(data, 'handed.json')]
  writeFileSync(file, model)
  writeFileSync(manifest, JSON.stringify(says))
  return addModel({ data, config, name, file, manifest })
}

async function slateBy(wanted: string) {
  for (let tries = 0; tries < 100; tries++) {
    const slate = await engine.slate({ surface: 'home', user: 'u00003', limit: 10 })
    if (slate.models?.['fine'] === wanted) return slate
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${wanted} never answered`)
}

/** Click probabilities by item that both slates show. */
async function clicksBy(wanted: string): Promise<Map<string, number>> {
  const { items } = await slateBy(wanted)
  return new Map(items.map(({ item, predictions }) => [item, predictions?.['click'] ?? Number.NaN]))
}

it('asks for a return where it is worth something', () => {
  const headsOf = (values: object) => externalInputs(completeConfig({ objective: { values } })).outputs[0]?.heads
  expect(headsOf({})).toEqual(['click', 'watch', 'satisfaction', 'report'])
  expect(headsOf({ return: 2 })).toEqual(['click', 'watch', 'satisfaction', 'report', 'return'])
})

describe('a model from outside', () => {
  it('passes its gates, takes its place and scores by its own columns', async () => {
    const report = await add(linearModel([0.7, 0]))
    expect(report.promoted).toBe(true)
    expect(report.gates.filter(({ say }) => say.startsWith('does not apply')).map(({ gate }) => gate)).toEqual([
      ...['data', 'drift', 'offline', 'calibration'],
    ])
    expect(report.gates.find(({ gate }) => gate === 'latency')?.limit).toBe(1000) // as configured
    const slate = await slateBy('boosted/000001')
    for (const { score, predictions } of slate.items) expect(score).toBeCloseTo(predictions?.['click'] as number, 5)
    const liked = await clicksBy('boosted/000001')
    expect(new Set(liked.values()).size).toBeGreaterThan(3)
    // The opposite weight gives the opposite log odds, item by item.
    await add(linearModel([-0.7, 0]))
    const disliked = await clicksBy('boosted/000002')
    const both = [...liked].filter(([item]) => disliked.has(item))
    for (const [item, click] of both) expect(click + (disliked.get(item) as number)).toBeCloseTo(1, 4)
  })

  it('says the same when the order of its columns is another, or the file takes few candidates at a time', async () => {
    const before = await slateBy(await nameOf(add(linearModel([0.7, 0.3]))))
    const swapped = { ...contract, features: { ...contract.features, columns: columns.toReversed() } }
    const after = await slateBy(await nameOf(add(linearModel([0.3, 0.7], { rows: 7 }), swapped)))
    const scores = new Map(before.items.map(({ item, score }) => [item, score]))
    const both = after.items.filter(({ item }) => scores.has(item))
    expect(both.length).toBeGreaterThan(5)
    for (const { item, score } of both) expect(score).toBeCloseTo(scores.get(item) as number, 4)
  })

  it('is refused when it is not what it says; what serves goes on and nothing is registered', async () => {
    const live = registry.live('boosted')
    const versions = registry.versions('boosted')
    const sound = linearModel([1, 0])
    const nan = linearModel([Number.NaN, 0])
    const wrong: [Uint8Array, object, RegExp][] = [
      [sound.subarray(0, 60), contract, /Cannot add the model "boosted": .*(parse|protobuf|load)/i],
      [sound, { ...contract, input: 'x' }, /"x" is the one input, the file has features/],
      [sound, { ...contract, outputs: [{ name: 'y', heads: ['click'] }] }, /Cannot fetch "y".*gives logits/],
      [
        sound,
        { ...contract, outputs: [{ name: 'logits', heads: ['click', 'watch'] }] },
        /asks for float32 \[candidates, 2\]/,
      ],
      [
        sound,
        { ...contract, features: { ...contract.features, columns: ['item.ctr'] } },
        /asks for float32 \[candidates, 1\]/,
      ],
      [sound, { ...contract, features: { ...contract.features, columns: ['item.ctr', 'item.luck'] } }, /"item.luck"/],
      [sound, { ...contract, features: { ...contract.features, digest: 'other' } }, /trained on features other and/],
      [sound, { ...contract, values: 'probabilities' }, /no probability/],
      [sound, { ...contract, outputs: [{ name: 'logits', heads: ['clicks'] }] }, /manifest is wrong at \/outputs/],
      [nan, contract, /gave NaN for click: no probability/],
      [zipped, { ...contract, outputs: [{ name: 'output_probability', heads: ['click'] }] }, /with zipmap off/],
    ]
    for (const [model, says, message] of wrong) await expect(add(model, says)).rejects.toThrow(message)
    await expect(add(sound, contract, 'din')).rejects.toThrow(/choose another/)
    expect(registry.versions('boosted')).toEqual(versions)
    expect((await slateBy(`boosted/${live}`)).items.length).toBeGreaterThan(0)
  })

  it('stays a candidate when candidates change each other’s scores, or when no place is named', async () => {
    const live = registry.live('boosted')
    const report = await add(linearModel([1, 0], { centred: true }))
    expect(report.gates.filter(({ pass }) => !pass).map(({ gate }) => gate)).toEqual(['parity'])
    expect(report.promoted).toBe(false)
    expect(registry.live('boosted')).toBe(live)
    expect((await add(linearModel([1, 0]), contract, 'spare')).promoted).toBe(false)
    expect(registry.list('spare').map(({ state }) => state)).toEqual(['candidate'])
  })

  it('that is cut short in the registry is passed over for the one before', async () => {
    const sound = registry.live('boosted')
    const { version } = await add(linearModel([0.2, 0.2]))
    await slateBy(`boosted/${version}`)
    const next = await add(linearModel([0.1, 0.1]))
    truncateSync(join(data, 'models', 'boosted', next.version, 'model.onnx'), 50)
    const again = createEngine({ data, config })
    expect(sound).not.toBe(version)
    await engine.close()
    await again.open()
    engine = again
    expect((await slateBy(`boosted/${version}`)).items.length).toBeGreaterThan(0)
  })
})

it('teaches no coarse ranker, and says so', async () => {
  await expect(train({ data, config, model: 'coarse' })).rejects.toThrow(
    /from model boosted\/\d+: it was trained outside/,
  )
})

it('leaves nothing behind on a full disk', async (context) => {
  const full = mkdtempSync(join(tmpdir(), 'sluice-add-full-'))
  const [file, manifest, models] = [join(full, 'b.onnx'), join(full, 'b.json'), join(full, 'models')]
  writeFileSync(file, linearModel([1, 0]))
  writeFileSync(manifest, JSON.stringify(contract))
  mkdirSync(models)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', models], { stdio: 'pipe' })
  } catch {
    rmSync(full, { recursive: true })
    console.log('skipped: cannot mount a small tmpfs')
    return context.skip()
  }
  try {
    const adding = () => addModel({ data: full, config, name: 'boosted', file, manifest })
    expect((await adding()).promoted).toBe(true)
    const ballast = join(models, 'ballast')
    try {
      for (;;) appendFileSync(ballast, Buffer.alloc(4096))
    } catch {
      // full
    }
    await expect(adding()).rejects.toMatchObject({ code: 'ERR_DISK_WRITE' })
    expect(readdirSync(join(models, 'boosted')).toSorted()).toEqual(['000001', 'pointer.json'])
    rmSync(ballast)
    expect(await adding()).toMatchObject({ version: '000002', promoted: true })
  } finally {
    execFileSync('umount', [models])
    rmSync(full, { recursive: true })
  }
})

/** A logistic regression of two features as skl2onnx 1.20 converts it as it comes: its probabilities are a list of maps. */
const zipped = Buffer.from(
  'CAoSCHNrbDJvbm54GgYxLjIwLjAiB2FpLm9ubngoADIAOu0DCuABCghmZWF0dXJlcxIFbGFiZWwSDXByb2JhYmlsaXRpZXMaEExpbmVhckNsYXNzaWZpZXIiEExpbmVhckNsYXNzaWZpZXIqGQoQY2xhc3NsYWJlbHNfaW50c0AAQAGgAQcqJQoMY29lZmZpY2llbnRzPeOUQr89LB70vj3jlEI/PSwe9D6gAQYqGQoKaW50ZXJjZXB0cz1h798/PWHv37+gAQYqEgoLbXVsdGlfY2xhc3MYAKABAiodCg5wb3N0X3RyYW5zZm9ybSIITE9HSVNUSUOgAQM6CmFpLm9ubngubWwKLgoFbGFiZWwSDG91dHB1dF9sYWJlbBoEQ2FzdCIEQ2FzdCoJCgJ0bxgHoAECOgAKXAoNcHJvYmFiaWxpdGllcxISb3V0cHV0X3Byb2JhYmlsaXR5GgZaaXBNYXAiBlppcE1hcCobChJjbGFzc2xhYmVsc19pbnQ2NHNAAEABoAEHOgphaS5vbm54Lm1sEiAwNmEwNDBiYmY3NTc0NDRjODFiYzYzY2I4MGQ0MWQ1NFoYCghmZWF0dXJlcxIMCgoIARIGCgAKAggCYhgKDG91dHB1dF9sYWJlbBIICgYIBxICCgBiJAoSb3V0cHV0X3Byb2JhYmlsaXR5Eg4iDAoKKggIBxIECgIIAUIECgAQCUIOCgphaS5vbm54Lm1sEAE=',
  'base64',
)

async function nameOf(adding: ReturnType<typeof add>): Promise<string> {
  const { model, version, promoted } = await adding
  expect(promoted).toBe(true)
  return `${model}/${version}`
}
