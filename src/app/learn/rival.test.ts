import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Registry } from '../../learning/registry/index.ts'
import { fairTowers, rivalOf } from './rival.ts'
import { trainedWhole } from './trained-whole.ts'

let folder = ''
let registry = new Registry('')
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-rival-'))
  registry = new Registry(folder)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A live version that has learnt until some moment, of a training or from the stream. */
async function live(learntUntil: number, from?: string, kind = 'ranker'): Promise<string> {
  const draft = registry.draft('wdl')
  draft.write('model.onnx', 'weights')
  const { version } = await draft.commit({
    ...{ kind, seed: '1', code: '1', inputs: [], outputs: [], metrics: {}, features: { names: [], digest: 'f' } },
    parents: from === undefined ? [] : [`wdl/${from}`],
    data: { from: 0, until: learntUntil, samples: from === undefined ? 'abc' : 'online', examples: 1 },
    config: { ranker: {}, learntUntil, ...(from !== undefined && { whole: trainedWhole(registry.show('wdl', from)) }) },
    gates: [{ gate: 'test', pass: true, value: null, limit: null, say: 'by a test' }],
  })
  await registry.promote('wdl', version)
  return version
}
const rival = async (judgedFrom: number, strict = false) => {
  const { artifact } = await registry.loadLive('wdl')
  return (await rivalOf(registry, artifact, judgedFrom, strict))?.name
}

describe('a candidate is held against', () => {
  it('the live version, which has not learnt what judges', async () => {
    expect(await rival(100)).toBeUndefined()
    await live(100)
    expect(await rival(100)).toBe('live version 000001')
  })

  it('the one trained as a whole, where the live one has learnt on from the stream since', async () => {
    const whole = await live(100)
    await live(150, await live(130, whole))
    expect(await rival(120)).toBe('version 000001, which live version 000003 went on from')
    expect(await rival(150)).toBe('live version 000003')
    // That one has learnt what judges, too.
    expect(await rival(90)).toBe('live version 000003')
    expect(await rival(90, true)).toBeUndefined()
  })

  it('the live version all the same, where what it went on from is gone', async () => {
    for (let learnt = 100; learnt < 150; learnt += 10) await live(learnt, registry.live('wdl'))
    registry.retain('wdl', 0)
    expect(registry.versions('wdl')).toEqual(['000004', '000005'])
    expect(await rival(105)).toBe('live version 000005')
    expect(await rival(105, true)).toBeUndefined()
  })

  it('nothing from outside that stands under its name', async () => {
    await live(100, undefined, 'onnx')
    expect(await rival(100)).toBeUndefined()
  })
})

it('towers are held against those that have learnt no last item: the live ones, or those they went on from', async () => {
  const towers = async (held: number, from?: string) => {
    const draft = registry.draft('two-tower')
    draft.write('items-8.onnx', 'weights')
    const whole = from && { whole: trainedWhole(registry.show('two-tower', from)) }
    const { version } = await draft.commit({
      ...{ kind: 'two-tower', seed: '1', code: '1', inputs: [], outputs: [], metrics: {}, parents: [] },
      ...{ features: { names: [], digest: 'f' }, data: { from: 0, until: 1, samples: '', examples: 1 } },
      config: { held, ...whole },
      gates: [{ gate: 'test', pass: true, value: null, limit: null, say: 'by a test' }],
    })
    await registry.promote('two-tower', version)
    return version
  }
  const fair = async (heldFrom?: number) => {
    const { artifact } = await registry.loadLive('two-tower')
    return (await fairTowers(registry, artifact, heldFrom))?.manifest.version
  }
  expect(await fair()).toBeUndefined()
  const whole = await towers(2)
  expect(await fair()).toBe(whole)
  expect(await fair(100)).toBeUndefined() // it knows what comes after that moment
  const on = await towers(0, await towers(0, whole))
  expect(on).toBe('000003')
  expect(await fair()).toBe(whole)
  registry.retain('two-tower', 0)
  expect(registry.versions('two-tower')).not.toContain(whole)
  expect(await fair()).toBeUndefined()
})

it('the version trained as a whole stays beside those that learn on, however many there were', async () => {
  for (let learnt = 100; learnt < 160; learnt += 10) {
    const version = await live(learnt, registry.live('wdl'))
    registry.retain('wdl', 1, [trainedWhole(registry.show('wdl', version))])
  }
  expect(registry.versions('wdl')).toEqual(['000001', '000004', '000005', '000006'])
  expect(await rival(105)).toBe('version 000001, which live version 000006 went on from')
})
