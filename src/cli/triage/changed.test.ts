import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { injectionOf, openRegistry } from '../../app/index.ts'
import type { Diagnosis } from './diagnose.ts'
import type { Layer } from './layers.ts'
import { calm, RealPlatform } from './testing/platform.ts'
import { slowModel } from './testing/slow-model.ts'

/** The fine rank has 20 ms, and what is worse than before may serve. */
const config = {
  ...calm({ fineMs: 20 }),
  learning: { train: false, gates: { latencyMsMax: 10_000, offlineMargin: 1 } },
  ranking: { fine: 'outside' },
}
/** Changes are noted once a second. */
const NOTED_MS = 1100

const platform = new RealPlatform()
const at = `--data '${platform.data}'`
const handed = join(platform.data, 'handed')
const file = (name: string) => join(handed, name)

beforeAll(async () => {
  await platform.start(config)
  mkdirSync(handed)
  writeFileSync(file('config.json'), JSON.stringify(config))
  await add()
  await train()
  await platform.visited(0.5)
})
afterAll(async () => {
  await platform.stop()
  platform.remove()
})

/** A ranking model from outside becomes live. */
async function add(): Promise<void> {
  const { features } = JSON.parse(await platform.paste(`sluice models inputs --config '${file('config.json')}'`))
  const says = {
    features: { digest: features.digest, columns: ['item.popularity'] },
    input: 'features',
    outputs: [{ name: 'logits', heads: ['click'] }],
    values: 'logits',
  }
  writeFileSync(file('model.json'), JSON.stringify(says))
  writeFileSync(file('model.onnx'), slowModel(0))
  const words = `'${file('model.onnx')}' --manifest '${file('model.json')}' --config '${file('config.json')}'`
  await platform.paste(`sluice models add outside ${words} ${at}`)
}

/** So does one that takes long, as if a gate had let it pass. */
async function addSlow(): Promise<void> {
  const registry = openRegistry(platform.data)
  const {
    schema: _,
    name,
    version: __,
    createdAt: ___,
    files,
    ...entry
  } = (await registry.load('outside', '000001')).manifest
  const draft = registry.draft(name)
  draft.write(files[0]?.name ?? '', slowModel(100))
  await registry.promote(name, (await draft.commit(entry)).version)
}

/** A version of the towers becomes live. */
async function train(): Promise<void> {
  await platform.paste(`sluice train two-tower --epochs 1 --set width=8 --config '${file('config.json')}' ${at}`)
}

/** What the on-call engineer is told, after the change was noted. */
async function told(options?: Parameters<RealPlatform['look']>[1]): Promise<Diagnosis> {
  await Promise.all([delay(NOTED_MS), platform.visited(0.3)])
  return platform.look(0.7, options)
}

const subjects = ({ findings }: Diagnosis) => findings[0]?.suspects.map(({ kind, subject }) => `${kind} ${subject}`)
const isWell = ({ findings }: Diagnosis, layer: Layer) => findings.every((finding) => finding.layer !== layer)

describe('a change that did harm', () => {
  it('injected on purpose: it is ended', async () => {
    await platform.paste(`sluice faults ranker-down ${at}`)
    const diagnosis = await told()
    expect(diagnosis.layer).toBe('fine')
    expect(diagnosis.findings[0]).toMatchObject({ latest: { part: 'stage fine' } })
    const words = ['triage', '--seconds', '0.5', '--data', platform.data]
    const [{ code, out }] = await Promise.all([platform.command(words), platform.visited(0.6)])
    expect(code).toBe(1)
    expect(out).toMatch(/! stage fine is late, fails or is skipped on .* of the slates, since/)
    expect(out).toMatch(/ {6}.*injected on purpose: ranker-down/)
    expect(out).toContain('Where: the fine rank')
    expect(out).toContain(`What to do: roll back\n`)
    expect(out).toContain(`  $ sluice faults --off ${at}`)
    expect(out).toContain('no change of: configuration, shadow')
    expect(await platform.paste(`sluice status ${at}`)).toMatch(/injected +ranker-down, on purpose/)
    expect(subjects(diagnosis)?.[0]).toBe('fault faults')
    expect(diagnosis.advice).toMatchObject({ action: 'roll back', steps: [`sluice faults --off ${at}`] })
    await platform.paste(diagnosis.advice?.steps[0] ?? '')
    await platform.recovered()
    expect(isWell(await told(), 'fine')).toBe(true)
  })

  it('a slow model: it is rolled back, not the towers that came at the same time', async () => {
    await addSlow()
    const diagnosis = await told()
    expect(diagnosis.layer).toBe('fine')
    expect(diagnosis.findings[0]).toMatchObject({ sign: 'stage fails', subject: 'fine' })
    expect(subjects(diagnosis)?.[0]).toBe('model outside')
    expect(subjects(diagnosis)).not.toContain('model two-tower')
    const why = '--why "triage: stage fails fine"'
    expect(diagnosis.advice).toMatchObject({
      action: 'roll back',
      because: expect.stringContaining('model outside is 000002, it was 000001'),
      steps: [`sluice models rollback outside ${why} ${at}`],
    })
    await platform.paste(diagnosis.advice?.steps[0] ?? '')
    await platform.recovered()
    const after = await told()
    expect(platform.running.status().models['outside']).toBe('000001')
    expect(isWell(after, 'fine')).toBe(true)
  })

  it('an index of other embeddings: it goes back with its model', async () => {
    await train()
    platform.running.injectFaults([injectionOf('index-down')])
    const diagnosis = await told({ unknown: true })
    platform.running.injectFaults([])
    expect(diagnosis.layer).toBe('retrieval')
    expect(diagnosis.findings[0]?.say).toMatch(/^sources that answer from an index \(.*two-tower.*\)/)
    expect(subjects(diagnosis)?.slice(0, 2)).toEqual(['index two-tower index', 'model two-tower'])
    const why = `--why "triage: source fails ${diagnosis.findings[0]?.subject}"`
    expect(diagnosis.advice).toMatchObject({
      action: 'roll back',
      steps: [`sluice models rollback two-tower ${why} ${at}`],
    })
    await platform.paste(diagnosis.advice?.steps[0] ?? '')
    await delay(NOTED_MS)
    expect(platform.running.status().models['two-tower']).toBe('000001')
    await platform.recovered()
  })

  it('a version that is tried in the shadow: it is taken out of there', async () => {
    await platform.paste(`sluice models shadow outside 000002 --config '${file('config.json')}' ${at}`)
    platform.running.injectFaults([injectionOf('overload', 1, 30)])
    const diagnosis = await told({ unknown: true, crowd: 60 })
    platform.running.injectFaults([])
    expect(['queue', 'fine']).toContain(diagnosis.layer) // it takes time from the rank as well
    expect(subjects(diagnosis)?.[0]).toBe('shadow outside shadow')
    expect(diagnosis.advice).toMatchObject({
      action: 'roll back',
      steps: [`sluice models shadow outside --off ${at}`],
    })
    await platform.paste(diagnosis.advice?.steps[0] ?? '')
    await delay(NOTED_MS)
    expect(platform.running.status().shadows).toEqual({})
  })

  it('a store that is not there: the option is set back, not the others of that start', async () => {
    await platform.stop()
    const other = { ...config, features: { store: 'redis://:secret@127.0.0.1:1' } }
    await platform.start({ ...other, ranking: { ...config.ranking, scoreCache: { entries: 300 } } })
    const diagnosis = await told()
    expect(diagnosis.layer).toBe('features')
    expect(subjects(diagnosis)?.[0]).toBe('configuration features.store')
    expect(diagnosis.advice).toMatchObject({
      action: 'roll back',
      because: expect.stringContaining('features.store is "redis://127.0.0.1:1", it was "embedded"'),
    })
    expect(diagnosis.advice?.steps[0]).toBe('set features.store back to "embedded" in the configuration')
    expect(JSON.stringify(diagnosis)).not.toContain('secret')
    await platform.stop()
    await platform.start(config)
    const after = await told()
    expect(isWell(after, 'features')).toBe(true)
    expect(after.changes.map(({ say }) => say)).toContain('features.store is "embedded", it was "redis://127.0.0.1:1"')
  })
})
