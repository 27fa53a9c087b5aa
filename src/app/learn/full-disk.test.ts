import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { completeConfig } from '../../domain/index.ts'
import { trainRanker } from '../../learning/training/index.ts'
import { createEngine } from '../create-engine.ts'
import { LiveModels } from './live.ts'
import { rankerEntry } from './ranker-entry.ts'
import { throughFiles } from './ranker.ts'
import { train } from './train.ts'
import { Workshop } from './workshop.ts'

const data = mkdtempSync(join(tmpdir(), 'sluice-train-full-'))
const config = completeConfig({ ranking: { fine: 'wdl' } })
const models = join(data, 'models')
/** What is mounted, the last one first. */
const mounts: string[] = []
/** Longest for trainings, on a busy machine too. */
const TRAINING_MS = 240_000
let mounted = false

/** Needs Linux and root: a disk of its own for the models, which a few versions fill. */
function mount(): boolean {
  mkdirSync(models, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', models], { stdio: 'pipe' })
    mounts.unshift(models)
    return true
  } catch (error) {
    console.log(`skipped: cannot mount a small tmpfs (${String(error).split('\n')[0]})`)
    return false
  }
}

beforeAll(async () => {
  const engine = createEngine({ data, config, world: { users: 150, items: 300, days: 14, events: 12_000 } })
  await engine.open()
  await engine.close()
  mounted = mount()
}, TRAINING_MS)

afterAll(() => {
  for (const path of mounts) execFileSync('umount', [path])
  rmSync(data, { recursive: true, force: true })
})

/** Leaves `room` bytes of the disk. Gives the way to take it back. */
function fill(room: number): () => void {
  const [ballast, spare] = [join(models, 'ballast'), join(models, 'spare')]
  if (room > 0) appendFileSync(spare, Buffer.alloc(room))
  try {
    for (;;) appendFileSync(ballast, Buffer.alloc(65_536))
  } catch {
    // full
  }
  rmSync(spare, { force: true })
  return () => rmSync(ballast)
}

const learn = () => train({ data, config, model: 'wdl', epochs: 1, settings: { width: 4, history: 4 } })

/** A first version that serves, whatever its gates would have said of so small a world. */
async function register() {
  const workshop = new Workshop(data, config)
  const { samples, facts, until } = await workshop.material()
  const run = await trainRanker({ recipe: 'wdl', samples, facts, config: { epochs: 1, width: 4, history: 4 } })
  const draft = workshop.draft('wdl')
  throughFiles(draft, run.artifact)
  const gates = [{ gate: 'test', pass: true, value: null, limit: null, say: 'registered by a test' }]
  const { examples } = run
  const entry = { samples, seed: 'test', metrics: {}, gates, until, examples, learntUntil: 0, parents: [], recipe: {} }
  const manifest = await draft.commit(rankerEntry({ artifact: run.artifact, ...entry }))
  return workshop.registry.promote('wdl', manifest.version)
}

/** Lets the served log lie on the disk of the models, which is then one that serving writes to. */
function shareDisk(): () => void {
  const [inside, served] = [join(models, '.served'), join(data, 'served')]
  mkdirSync(inside)
  execFileSync('mount', ['--bind', inside, served])
  mounts.unshift(served)
  return () => {
    execFileSync('umount', [served])
    mounts.shift()
    rmSync(inside, { recursive: true })
  }
}

describe('a training on a full disk', () => {
  it(
    'says so, leaves what serves, and succeeds when there is room again',
    async (context) => {
      if (!mounted) return context.skip()
      const { version } = await register()
      const { parts } = await new Workshop(data, config).material()
      const live = new LiveModels(models, parts.models)
      await live.look()
      expect(parts.rankers.fine.version).toBe(version)
      const part = shareDisk()
      // Nothing can be written at all; not even the first checkpoint; no version after it.
      for (const room of [0, 100_000, 1_500_000]) {
        const free = fill(room)
        const message = expect.stringMatching(/ENOSPC.* What serves goes on serving, .* train again/)
        await expect(learn()).rejects.toMatchObject({ code: 'ERR_DISK_WRITE', message })
        expect(readdirSync(join(models, 'wdl')).toSorted()).toEqual([version, 'pointer.json'])
        // Serving writes to the same disk: what the training took of it is given back.
        expect(existsSync(join(models, '.work', 'wdl'))).toBe(false)
        await live.look()
        expect(parts.rankers.fine.version).toBe(version)
        free()
      }
      part()
      expect(await learn()).toMatchObject({ version: '000002' })
      await live.stop()
    },
    TRAINING_MS,
  )

  it(
    'keeps its checkpoints on a disk that serving does not write to, and goes on from them',
    async (context) => {
      if (!mounted) return context.skip()
      const free = fill(1_500_000)
      await expect(learn()).rejects.toThrow(/ENOSPC.* free some space and train again: it goes on where it was/)
      expect(readdirSync(join(models, '.work', 'wdl')).length).toBeGreaterThan(0)
      free()
      expect(await learn()).toMatchObject({ version: '000003' })
    },
    TRAINING_MS,
  )

  it(
    'says that a folder cannot be written, whether its own folder is there or not',
    async (context) => {
      if (!mounted) return context.skip()
      for (const there of [false, true]) {
        rmSync(join(models, '.work'), { recursive: true, force: true })
        if (there) mkdirSync(join(models, '.work', 'wdl'), { recursive: true })
        execFileSync('mount', ['-o', 'remount,ro', models])
        await expect(learn()).rejects.toThrow(/EROFS.* Make it writable for this user/)
        execFileSync('mount', ['-o', 'remount,rw', models])
      }
    },
    TRAINING_MS,
  )
})
