import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Registry } from '../learning/registry/index.ts'
import { shadowsView } from './models-shadow.ts'
import { announceServer } from './running.ts'
import { run } from './testing/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'cli-shadow-'))
const registry = new Registry(join(folder, 'models'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function add(name: string, kind: string): Promise<void> {
  const draft = registry.draft(name)
  draft.write('model.onnx', 'weights')
  await draft.commit({
    ...{ kind, code: '0.1.0', seed: '1', config: {}, metrics: {}, parents: [], inputs: [], outputs: [] },
    features: { names: [], digest: 'd' },
    data: { samples: 'of a test', from: 0, until: 1, examples: 1 },
    gates: [{ gate: 'test', pass: true, value: null, limit: null, say: 'passed' }],
  })
}

beforeAll(async () => {
  for (const _ of [1, 2]) await add('bst-isolated', 'ranker')
  await add('two-tower', 'two-tower')
  await add('coarse', 'ranker')
  await add('din', 'ranker')
  await registry.promote('bst-isolated', '000001')
})

const at = ['--data', folder]
const shadow = (...words: string[]) => run(['models', 'shadow', ...words, ...at], { folder })

it('puts the latest version into the shadow, lists it there, and ends it', async () => {
  const { out, code } = await shadow('bst-isolated')
  expect([code, out.trim()]).toEqual([
    0,
    'bst-isolated 000002 is in the shadow of 000001: 5.0 % of the slates. How they compare: sluice status',
  ])
  expect((await run(['models', 'list', ...at], { folder })).out).toMatch(/bst-isolated │ 000002 {2}│ shadow/)
  expect(JSON.parse((await shadow('bst-isolated', '--off', '--json')).out)).toEqual({
    model: 'bst-isolated',
    ended: '000002',
  })
  expect((await shadow('bst-isolated', '--off')).err).toContain('no version is in it')
})

it('says the way out: nearest names, versions there are, where retrieval models are asked', async () => {
  const wrong = async (...words: string[]) => {
    const { code, err } = await shadow(...words)
    expect(code).toBe(1)
    return err.replaceAll(/\s+/g, ' ')
  }
  expect(await wrong('bst-isolatd')).toContain('Did you mean "bst-isolated"?')
  expect(await wrong('bst-isolatd', '--off')).toContain('Did you mean "bst-isolated"?')
  expect(await wrong('bst-isolated', '000007')).toContain('the registry has bst-isolated/000001, 000002')
  expect(await wrong('bst-isolated', '000001')).toContain('it is live')
  expect(await wrong('two-tower')).toContain('sluice index show two-tower')
  expect(await wrong('din')).toContain('ranking.fine is bst-isolated, ranking.coarse is coarse')
})

const ms = { live: { p50: 2, p99: 4 }, shadow: { p50: 3, p99: 6.04 } }
const figures = { slates: 500, overlap: 0.75, psi: { value: 0.04, noise: 0.01, bins: 10 }, ms }
const compared = { version: '000002', live: 'din/000001', compared: 600, skipped: 3, failed: 0, figures }

/** A server on the folder that answers every question with `status` and `body`. */
async function served<T>(status: number, body: object, ask: () => Promise<T>): Promise<T> {
  const server = createServer((_, response) => response.writeHead(status).end(JSON.stringify(body)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const unannounce = announceServer(folder, { pid: process.pid, url })
  try {
    return await ask()
  } finally {
    unannounce()
    server.close()
  }
}

it('is shown with the version in it and with the live one, as the server tells it', async () => {
  const show = (version: string, ...words: string[]) =>
    run(['models', 'show', 'bst-isolated', version, ...words, ...at], { folder })
  const [live, last] = ['000001', '000002']
  expect((await show(last)).out).not.toContain('in the shadow')
  await shadow('bst-isolated', last)
  expect((await show(last)).out).toMatch(/in the shadow +bst-isolated 000002: no server runs on this folder/)

  const status = { shadows: { 'bst-isolated': { ...compared, live: 'bst-isolated/000001' } } }
  await served(200, status, async () => {
    const row = /in the shadow +bst-isolated 000002 beside bst-isolated\/000001: 600 slates.*alike 75.0 %.*p99 6.0 ms/
    expect((await show(last)).out).toMatch(row)
    expect((await show(live)).out).toMatch(row)
    const { version, shadow: told } = JSON.parse((await show(last, '--json')).out)
    expect([version, told]).toEqual([last, { version: last, status: status.shadows['bst-isolated'] }])
  })
  const other = { shadows: { 'bst-isolated': { ...compared, version: '000009' } } }
  expect((await served(200, other, () => show(last))).out).toContain('does not have it in the shadow yet')
  const locked = { error: { code: 'ERR_KEY_MISSING', message: 'a key is asked for' } }
  const refused = await served(401, locked, () => show(last))
  expect([refused.code, refused.out]).toEqual([0, expect.stringContaining('000002: a key is asked for')])

  await shadow('bst-isolated', '--off')
  expect((await show(last)).out).not.toContain('in the shadow')
})

it('tells how they compare', () => {
  expect(shadowsView({ din: compared })).toBe(
    'din 000002 beside din/000001: 600 slates, 3 skipped; first 20 alike 75.0 %, clicks PSI 0.040 (chance up to 0.010); p50 3.0 ms (live 2.0), p99 6.0 ms (live 4.0)',
  )
  const cut = { ...compared, figures: { ...figures, kept: 0.955 } }
  expect(shadowsView({ coarse: cut })).toContain(
    'alike 75.0 %, first 20 of the fine rank kept 95.5 %, clicks PSI 0.040',
  )
  const refused = { version: '000002', why: 'it is damaged', compared: 0, skipped: 0, failed: 0 }
  expect(shadowsView({ din: refused })).toBe('din 000002 cannot be asked: it is damaged')
})
