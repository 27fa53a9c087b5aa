import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { manualClock } from '../../foundation/base/index.ts'
import { lockFolder } from '../../foundation/store/index.ts'
import { diffManifests, type ManifestInput, Registry, type Verdict } from './index.ts'

const root = fs.mkdtempSync(join(tmpdir(), 'sluice-models-'))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))
let number = 0
let folder = ''
let registry = new Registry('')
const clock = manualClock(1000)
beforeEach(() => {
  folder = join(root, `r${number++}`)
  registry = new Registry(folder, clock)
})

const passing: Verdict = { gate: 'parity', pass: true, value: 1e-7, limit: 1e-5, say: 'equal' }
const failing: Verdict = { gate: 'latency', pass: false, value: 40, limit: 10, say: 'scoring takes 40 ms' }
const input = (rest: Partial<ManifestInput> = {}): ManifestInput => ({
  kind: 'bst',
  parents: [],
  seed: '7',
  code: '1.0.0',
  data: { from: 0, until: 100, samples: 'abc', examples: 50 },
  features: { names: ['a', 'b'], digest: 'f1' },
  inputs: [{ name: 'x', type: 'float32', shape: ['candidates', 2] }],
  outputs: [{ name: 'y', type: 'float32', shape: ['candidates'] }],
  config: { heads: ['click'] },
  metrics: { auc: 0.8 },
  gates: [passing],
  ...rest,
})
async function add(rest: Partial<ManifestInput> = {}, content = 'weights') {
  const draft = registry.draft('fine')
  draft.write('model.onnx', content)
  fs.writeFileSync(draft.path('items.f32'), Buffer.alloc(10))
  return draft.commit(input(rest))
}
const states = () => registry.list('fine').map(({ version, state }) => `${version} ${state}`)
const code = (code: string, text = '') => expect.objectContaining({ code, message: expect.stringContaining(text) })

describe('versions', () => {
  it('count up, keep their manifest and files, and are candidates', async () => {
    expect(registry.list()).toEqual([])
    const manifest = await add()
    expect(manifest).toMatchObject({ schema: 1, name: 'fine', version: '000001', createdAt: 1000 })
    expect(manifest.files).toEqual([
      { name: 'items.f32', bytes: 10, sha256: createHash('sha256').update(Buffer.alloc(10)).digest('hex') },
      { name: 'model.onnx', bytes: 7, sha256: createHash('sha256').update('weights').digest('hex') },
    ])
    await add()
    expect(states()).toEqual(['000001 candidate', '000002 candidate'])
    expect(registry.show('fine', '000001')).toEqual({ ...manifest, state: 'candidate' })
    expect(registry.names()).toEqual(['fine'])
    const artifact = await registry.load('fine', '000001')
    expect(fs.readFileSync(artifact.path('model.onnx'), 'utf8')).toBe('weights')
    expect(() => artifact.path('../000002/model.onnx')).toThrow(RangeError)
  })

  it('get different numbers when two trainers finish at once', async () => {
    const drafts = Array.from({ length: 5 }, () => registry.draft('fine'))
    const made = await Promise.all(drafts.map((draft) => draft.commit(input())))
    expect(made.map(({ version }) => version).sort()).toEqual(['000001', '000002', '000003', '000004', '000005'])
  })

  it('refuse names that would leave the folder', async () => {
    for (const name of ['../x', 'A', '', 'a/b', '.']) expect(() => registry.draft(name)).toThrow(RangeError)
    const draft = registry.draft('fine')
    for (const file of ['../x', 'manifest.json', '.hidden', 'a/b']) expect(() => draft.path(file)).toThrow(RangeError)
    await expect(registry.load('fine', '../1')).rejects.toThrow(code('ERR_MODEL_UNKNOWN'))
  })

  it('are told apart', async () => {
    const a = await add({ config: { heads: ['click'], recipe: { lr: 0.01, epochs: 2 } } })
    const b = await add(
      {
        seed: '8',
        config: { heads: ['click'], recipe: { lr: 0.02, epochs: 2 }, cap: 5 },
        metrics: { auc: 0.81, ece: 0.01 },
        features: { names: ['b', 'c'], digest: 'f2' },
        gates: [failing],
      },
      'longer weights',
    )
    expect(diffManifests(a, b)).toEqual({
      from: 'fine/000001',
      to: 'fine/000002',
      fields: [
        { field: 'seed', from: '7', to: '8' },
        { field: 'features.digest', from: 'f1', to: 'f2' },
        { field: 'config.recipe.lr', from: '0.01', to: '0.02' },
        { field: 'config.cap', from: '', to: '5' },
      ],
      metrics: [
        { metric: 'auc', from: 0.8, to: 0.81, change: expect.closeTo(0.01, 12) },
        { metric: 'ece', from: null, to: 0.01, change: null },
      ],
      gates: [
        { gate: 'parity', from: true, to: null },
        { gate: 'latency', from: null, to: false },
      ],
      features: { added: ['c'], removed: ['a'] },
      files: [{ file: 'model.onnx', from: 7, to: 14 }],
    })
  })
})

describe('promotion and rollback', () => {
  it('makes one version live, retires the one before, and goes back', async () => {
    for (let i = 0; i < 3; i++) await add()
    await registry.promote('fine', '000001')
    await registry.shadow('fine', '000002')
    expect(states()).toEqual(['000001 live', '000002 shadow', '000003 candidate'])
    await registry.promote('fine', '000002')
    await registry.promote('fine', '000003')
    expect(states()).toEqual(['000001 retired', '000002 retired', '000003 live'])
    expect(await registry.rollback('fine', 'worse')).toEqual({ from: '000003', to: '000002' })
    expect(states()).toEqual(['000001 retired', '000002 live', '000003 retired'])
    expect(await registry.rollback('fine')).toEqual({ from: '000002', to: '000001' })
    await expect(registry.rollback('fine')).rejects.toThrow(code('ERR_MODEL_STATE', 'no earlier version'))
    await expect(registry.rollback('fin')).rejects.toThrow(code('ERR_MODEL_UNKNOWN', 'fine. Did you mean "fine"?'))
    expect(registry.log('fine').map(({ action, say }) => `${action}: ${say}`)).toEqual([
      'promote: live: none -> 000001',
      'shadow: live: 000001 -> 000001',
      'promote: live: 000001 -> 000002',
      'promote: live: 000002 -> 000003',
      'rollback of 000003 (worse): live: 000003 -> 000002',
      'rollback of 000002 (asked for): live: 000002 -> 000001',
    ])
    await expect(registry.shadow('fine', '000001')).rejects.toThrow(code('ERR_MODEL_STATE', 'it is live'))
    expect(() => registry.retire('fine', '000001')).toThrow(code('ERR_MODEL_STATE'))
  })

  it('is blocked by a failed gate, and by none having been run', async () => {
    await add({ gates: [passing, failing] })
    await add({ gates: [] })
    await expect(registry.promote('fine', '000001')).rejects.toThrow(
      code('ERR_MODEL_GATE', 'Cannot promote model fine/000001: latency: scoring takes 40 ms'),
    )
    await expect(registry.promote('fine', '000002')).rejects.toThrow(code('ERR_MODEL_GATE', 'no gate was run'))
    await expect(registry.promote('fine', '000009')).rejects.toThrow(code('ERR_MODEL_UNKNOWN', 'fine/000001, 000002'))
    expect(registry.live('fine')).toBeUndefined()
  })

  it('is refused when another version went live since the gates were run', async () => {
    for (let i = 0; i < 3; i++) await add()
    await registry.promote('fine', '000001', { over: undefined })
    const both = await Promise.allSettled([
      registry.promote('fine', '000002', { over: '000001' }),
      registry.promote('fine', '000003', { over: '000001' }),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const rejected = both.find((one): one is PromiseRejectedResult => one.status === 'rejected')!
    expect(rejected.reason).toEqual(code('ERR_MODEL_STATE', 'is live now'))
    expect(states().filter((state) => state.endsWith('live')).length).toBe(1)
  })

  it('is refused when the version was removed while its files were looked at', async () => {
    await registry.draft('fine').commit(input())
    const promoted = registry.promote('fine', '000001')
    expect(registry.retain('fine', 0)).toEqual(['000001'])
    await expect(promoted).rejects.toThrow(code('ERR_MODEL_UNKNOWN', 'fine/000001'))
    expect(registry.live('fine')).toBeUndefined()
    await registry.draft('fine').commit(input())
    const shadowed = registry.shadow('fine', '000002')
    registry.retain('fine', 0)
    await expect(shadowed).rejects.toThrow(code('ERR_MODEL_UNKNOWN'))
    expect(registry.shadowOf('fine')).toBeUndefined()
  })

  it('waits for nobody: a second one at the same moment is refused, the first stands', async () => {
    await add()
    const lock = lockFolder(join(folder, 'fine'))
    await expect(registry.promote('fine', '000001')).rejects.toThrow(code('ERR_DATA_IN_USE'))
    lock.release()
    await registry.promote('fine', '000001')
    expect(registry.live('fine')).toBe('000001')
  })
})

describe('damage', () => {
  const file = (version: string, name: string) => join(folder, 'fine', version, name)
  beforeEach(async () => {
    await add()
    await add({}, 'better weights')
    await registry.promote('fine', '000001')
    await registry.promote('fine', '000002')
  })

  it.each([
    [
      'a changed byte',
      'ERR_MODEL_HASH',
      'another content',
      () => fs.writeFileSync(file('000002', 'model.onnx'), 'bitter weights'),
    ],
    [
      'a file cut short',
      'ERR_MODEL_HASH',
      'has 6 bytes, not 14',
      () => fs.truncateSync(file('000002', 'model.onnx'), 6),
    ],
    ['a missing file', 'ERR_MODEL_HASH', 'is missing', () => fs.rmSync(file('000002', 'items.f32'))],
    ['a file the disk does not give', 'ERR_MODEL_HASH', 'cannot be read (EIO)', () => breakDisk('000002')],
    ['a torn manifest', 'ERR_MODEL_MANIFEST', 'is no JSON', () => fs.truncateSync(file('000002', 'manifest.json'), 40)],
    ['a missing manifest', 'ERR_MODEL_MANIFEST', 'cannot be read', () => fs.rmSync(file('000002', 'manifest.json'))],
    ['another schema', 'ERR_MODEL_MANIFEST', 'has schema 2', () => rewrite('000002', { schema: 2 })],
    ['a wrong field', 'ERR_MODEL_MANIFEST', '/metrics', () => rewrite('000002', { metrics: 'good' })],
    ['an unknown field', 'ERR_MODEL_MANIFEST', 'not a known property', () => rewrite('000002', { extra: 1 })],
    ['a folder that was moved', 'ERR_MODEL_MANIFEST', 'was moved', () => rewrite('000002', { version: '000007' })],
  ] as const)('%s is refused by name, and the version before serves', async (_, refusal, text, damage) => {
    damage()
    await expect(registry.load('fine', '000002')).rejects.toThrow(code(refusal, text))
    const { artifact, refused } = await registry.loadLive('fine')
    expect(artifact?.manifest.version).toBe('000001')
    expect(refused).toEqual([{ version: '000002', error: code(refusal, text) }])
    expect(await registry.rollback('fine')).toEqual({ from: '000002', to: '000001' })
    await expect(registry.promote('fine', '000002')).rejects.toThrow(code(refusal))
    expect(registry.live('fine')).toBe('000001')
    expect(registry.list('fine').length).toBe(2)
  })

  it('lets one become live that was held against what serves in its place', async () => {
    for (let i = 0; i < 2; i++) await add()
    fs.rmSync(file('000002', 'model.onnx'))
    await expect(registry.promote('fine', '000003', { over: '000002' })).rejects.toThrow(code('ERR_MODEL_STATE'))
    await registry.promote('fine', '000003', { over: '000001' })
    expect(registry.live('fine')).toBe('000003')
    await expect(registry.promote('fine', '000004', { over: '000001' })).rejects.toThrow(code('ERR_MODEL_STATE'))
  })

  it('of all versions leaves none, and says why for each', async () => {
    for (const version of ['000001', '000002']) fs.rmSync(file(version, 'model.onnx'))
    const { artifact, refused } = await registry.loadLive('fine')
    expect(artifact).toBeUndefined()
    expect(refused.map(({ version }) => version)).toEqual(['000002', '000001'])
    await expect(registry.rollback('fine')).rejects.toThrow(code('ERR_MODEL_STATE', 'is missing'))
    expect((await registry.loadLive('nothing')).refused).toEqual([])
  })

  it('by changed features is refused: neither version fits', async () => {
    await expect(registry.load('fine', '000002', { featureDigest: 'f9' })).rejects.toThrow(
      code('ERR_MODEL_FEATURES', 'trained on features f1 and f9 are served'),
    )
    expect((await registry.loadLive('fine', { featureDigest: 'f9' })).refused.length).toBe(2)
    expect((await registry.loadLive('fine', { featureDigest: 'f1' })).artifact?.manifest.version).toBe('000002')
  })

  it('of the pointer is told', () => {
    fs.writeFileSync(join(folder, 'fine', 'pointer.json'), '{"schema":1')
    expect(() => registry.live('fine')).toThrow(code('ERR_DATA_CORRUPT', 'pointer.json'))
  })

  afterEach(() => vi.restoreAllMocks())

  function breakDisk(version: string) {
    const { createReadStream } = fs
    vi.spyOn(fs, 'createReadStream').mockImplementation((path, options) => {
      const stream = createReadStream(path, options)
      if (String(path).includes(version)) stream.destroy(new Error('EIO'))
      return stream
    })
  }

  function rewrite(version: string, change: object) {
    const path = file(version, 'manifest.json')
    fs.writeFileSync(path, JSON.stringify({ ...JSON.parse(fs.readFileSync(path, 'utf8')), ...change }))
  }
})

describe('a process killed between two steps', () => {
  it('leaves drafts that nobody sees and that are swept, and a pointer that stands', async () => {
    await add()
    await registry.promote('fine', '000001')
    const home = join(folder, 'fine')
    fs.mkdirSync(join(home, '.draft-999999999-0'))
    fs.writeFileSync(join(home, '.draft-999999999-0', 'model.onnx'), 'half')
    fs.mkdirSync(join(home, '.removed-000000'))
    fs.writeFileSync(join(home, 'pointer.json.new'), '{"schema":1,"live":"000')
    fs.writeFileSync(join(home, 'lock.json'), JSON.stringify({ pid: 999999999, started: 'x' }))
    expect(states()).toEqual(['000001 live'])
    const open = registry.draft('fine')
    expect(fs.readdirSync(home).sort()).toEqual([
      open.folder.split('/').at(-1),
      '000001',
      'lock.json',
      'pointer.json',
      'pointer.json.new',
    ])
    await open.commit(input())
    await registry.promote('fine', '000002')
    expect(states()).toEqual(['000001 retired', '000002 live'])
    registry.draft('fine').discard()
    expect(fs.readdirSync(home).sort()).toEqual(['000001', '000002', 'pointer.json'])
  })
})

describe('a container that starts again', () => {
  it('has the pid it had, and sweeps the drafts of its past', async () => {
    await add()
    const home = join(folder, 'fine')
    const open = registry.draft('fine')
    for (let i = 0; i < 100; i++) {
      const left = join(home, `.draft-${process.pid}-${i}`)
      fs.mkdirSync(left, { recursive: true })
      if (left !== open.folder) fs.utimesSync(left, 1, 1)
    }
    const next = registry.draft('fine')
    const drafts = fs.readdirSync(home).filter((name) => name.startsWith('.draft-'))
    expect(drafts.sort()).toEqual([open, next].map(({ folder: path }) => path.split('/').at(-1)).sort())
  })
})

describe('retention', () => {
  it('removes the oldest idle versions, never the live one, shadows or the way back; numbers are not used again', async () => {
    for (let i = 0; i < 6; i++) await add()
    for (const version of ['000001', '000002', '000003']) await registry.promote('fine', version)
    await registry.shadow('fine', '000004')
    expect(registry.retain('fine', 1)).toEqual(['000001', '000005'])
    expect(states()).toEqual(['000002 retired', '000003 live', '000004 shadow', '000006 candidate'])
    expect(registry.retain('fine', 0)).toEqual(['000006'])
    expect((await add()).version).toBe('000007')
    expect(await registry.rollback('fine')).toEqual({ from: '000003', to: '000002' })
    expect(() => registry.retain('fine', -1)).toThrow(RangeError)
    expect(registry.retain('nothing', 3)).toEqual([])
  })
})

describe('a full disk', () => {
  it('refuses the new version and the promotion with the reason; what was live stays live', async (context) => {
    fs.mkdirSync(folder)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', folder], { stdio: 'pipe' })
    } catch {
      console.log('skipped: cannot mount a small tmpfs')
      return context.skip()
    }
    try {
      await add()
      await add()
      await registry.promote('fine', '000001')
      const draft = registry.draft('fine')
      expect(() => draft.write('model.onnx', Buffer.alloc(200_000))).toThrow(code('ERR_DISK_WRITE', 'ENOSPC'))
      draft.discard()
      const ballast = join(folder, 'ballast')
      try {
        for (;;) fs.appendFileSync(ballast, Buffer.alloc(4096))
      } catch {
        // full
      }
      await expect(registry.promote('fine', '000002')).rejects.toThrow(/ENOSPC/)
      expect(states()).toEqual(['000001 live', '000002 candidate'])
      fs.rmSync(ballast)
      await registry.promote('fine', '000002')
      expect(states()).toEqual(['000001 retired', '000002 live'])
    } finally {
      execFileSync('umount', [folder])
    }
  })
})
