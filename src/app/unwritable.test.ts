import { execFileSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { completeConfig } from '../domain/index.ts'
import { DAY } from '../foundation/base/index.ts'
import { lockOwner } from '../foundation/store/index.ts'
import { createEngine, type Engine } from './index.ts'

/** A small disk of its own. Needs Linux and root. */
const disk = mkdtempSync(join(tmpdir(), 'sluice-unwritable-'))
const mounted = mount('size=3m')
afterAll(() => {
  if (mounted) execFileSync('umount', [disk])
  rmSync(disk, { recursive: true, force: true })
})

function mount(options: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk], { stdio: 'pipe' })
    return true
  } catch (error) {
    console.log(`skipped: cannot mount a small tmpfs (${String(error).split('\n')[0]})`)
    return false
  }
}

const data = join(disk, 'data')
const NOW = Date.now()
const config = completeConfig({ learning: { train: false } })
const item = (i: number) => ({ id: `i${i}`, title: `Item ${i}`, published: NOW - DAY })
const event = (i: number, text = '') => ({
  id: `e${i}${text}`,
  kind: 'click',
  user: 'u1',
  item: `i${i % 20}`,
  at: NOW - 1000 * i,
})

async function opened(serves: boolean): Promise<Engine> {
  const engine = createEngine({ data, config, serves })
  await engine.open()
  return engine
}

describe.skipIf(!mounted)('a data folder', () => {
  let slate = ''
  beforeEach(async () => {
    execFileSync('mount', ['-o', 'remount,rw', disk])
    for (const name of readdirSync(disk)) rmSync(join(disk, name), { recursive: true })
    const engine = await opened(true)
    await engine.putItems(Array.from({ length: 20 }, (_, i) => item(i)))
    await engine.events(Array.from({ length: 50 }, (_, i) => event(i)))
    slate = (await engine.slate({ surface: 'home', user: 'u2', limit: 5 })).slate
    await engine.close()
  })

  it('on a full disk is opened: slates are served, and events are taken once there is room', async () => {
    fill(join(disk, 'ballast'))
    const engine = await opened(true)
    expect(lstatSync(join(data, 'lock.json')).isSymbolicLink()).toBe(true)
    expect(lockOwner(data)).toBe(process.pid)
    expect(engine.status()).toMatchObject({ events: 50, unwritten: { why: expect.stringContaining('full') } })
    expect((await engine.slate({ surface: 'home', user: 'u2', limit: 5 })).items).toHaveLength(5)
    fill(join(disk, 'more')) // what was freed meanwhile
    const many = Array.from({ length: 400 }, (_, i) => event(i, '-'.repeat(60)))
    await expect(engine.events(many)).rejects.toMatchObject({ code: 'ERR_DISK_WRITE' })
    rmSync(join(disk, 'ballast'))
    expect(await engine.events(many)).toMatchObject({ accepted: 400 })
    expect(engine.status().unwritten).toBeUndefined()
    await engine.close()
    expect(readdirSync(data)).not.toContain('lock.json')
    const again = await opened(true)
    expect(again.status()).toMatchObject({ events: 450 })
    await again.close()
  })

  it('that can only be read is looked into as it is, and nothing else', async () => {
    execFileSync('mount', ['-o', 'remount,ro', disk])
    const engine = await opened(false)
    expect(engine.status()).toMatchObject({ items: 20, events: 50 })
    expect([...engine.allEvents()]).toHaveLength(50)
    expect(engine.explain(slate).slate).toBe(slate)
    expect((await engine.slate({ surface: 'home', user: 'u2', limit: 5 })).items).toHaveLength(5)
    const readOnly = { code: 'ERR_DATA_FOLDER', message: expect.stringContaining('Make it writable for this user') }
    await expect(engine.eraseUser('u1')).rejects.toMatchObject(readOnly)
    await engine.close()
    await expect(opened(true)).rejects.toMatchObject(readOnly)
  })

  it('with a snapshot of another configuration, too', async () => {
    execFileSync('mount', ['-o', 'remount,ro', disk])
    const other = completeConfig({ learning: { train: false }, retrieval: { neighbours: 7 } })
    const engine = createEngine({ data, config: other, serves: false })
    await engine.open()
    expect(engine.status()).toMatchObject({ items: 20, events: 50 })
    await engine.close()
  })
})

/** Until not a byte more goes in. */
function fill(path: string): void {
  for (const size of [65_536, 4096, 1])
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' })
    } catch {
      // no room for so much: for less, perhaps
    }
}
