import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { manualClock } from '../../foundation/base/index.ts'
import { completeConfig, type ConfigInput } from '../../domain/index.ts'
import { type Opened, openFolder } from '../open.ts'

const NOW = Date.UTC(2026, 5, 1)
const root = mkdtempSync(join(tmpdir(), 'sluice-keeper-'))
afterAll(() => rmSync(root, { recursive: true }))

const folder = () => mkdtempSync(join(root, 'd'))
const snapshotOf = (data: string) => join(data, 'cache', 'state')

/** What kill -9 would leave now. */
function imageOf(data: string): string {
  const image = folder()
  cpSync(data, image, { recursive: true, filter: (path) => !path.endsWith('lock.json') })
  return image
}

/** Opens a folder; tells how many entries were replayed and what was logged. */
async function open(
  data: string,
  config: ConfigInput = {},
): Promise<Opened & { replayed: number; warnings: string[] }> {
  let replayed = 0
  const warnings: string[] = []
  const warn = (fields: object, message: string) => warnings.push(`${message}: ${(fields as { why?: string }).why}`)
  const log = { debug: vi.fn(), info: vi.fn(), warn, error: warn }
  const opened = await openFolder(
    { data, config: completeConfig(config), clock: manualClock(NOW), log },
    (progress) => {
      if (progress.phase === 'replay') replayed = progress.done
    },
  )
  return { ...opened, replayed, warnings }
}

const items = Array.from({ length: 40 }, (_, i) => ({ id: `i${i}`, title: `Item ${i}`, creator: `c${i % 3}` }))
const clicks = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: `e${from + i}`,
    kind: 'click',
    user: `u${(from + i) % 9}`,
    item: `i${((from + i) * 7) % 40}`,
    at: NOW - 1000 + from + i,
  }))

/** What the platform says: everything a caller could see of its state. */
async function voice({ slates, parts, ingest }: Opened): Promise<string> {
  const slate = await slates.make({ surface: 'home', user: 'u3', at: NOW, seed: 'one', limit: 20 })
  const { items, users } = parts.state
  return JSON.stringify([slate.slate, slate.items, items.count, users.size, ingest.events, parts.state.applied])
}

describe('a platform that is opened again', () => {
  it('takes its snapshot and replays nothing, and says what it said', async () => {
    const data = folder()
    const first = await open(data)
    await first.ingest.takeItems(items)
    await first.ingest.takeEvents(clicks(0, 500))
    const said = await voice(first)
    await first.close()
    const again = await open(data)
    expect([again.replayed, again.warnings]).toEqual([0, []])
    expect(await voice(again)).toBe(said)
    expect(await again.ingest.takeEvents(clicks(0, 500))).toMatchObject({ accepted: 0, duplicate: 500 })
    await again.close()
  })

  it('after a crash replays what came since the latest snapshot, and no more', async () => {
    const data = folder()
    const first = await open(data)
    await first.ingest.takeItems(items)
    await first.ingest.takeEvents(clicks(0, 300))
    await first.snapshots.write()
    await first.ingest.takeEvents(clicks(300, 25))
    const said = await voice(first)
    const image = imageOf(data)
    writeFileSync(`${snapshotOf(image)}.new`, 'cut short')
    await first.close()
    const again = await open(image)
    expect([again.replayed, again.warnings]).toEqual([25, []])
    expect(await voice(again)).toBe(said)
    expect(existsSync(`${snapshotOf(image)}.new`)).toBe(false)
    await again.close()
  })

  it('says why it does not use a snapshot that is damaged, of another shape or of another journal, and replays', async () => {
    const data = folder()
    const first = await open(data)
    await first.ingest.takeItems(items)
    await first.ingest.takeEvents(clicks(0, 100))
    const said = await voice(first)
    await first.close()
    const whole = readFileSync(snapshotOf(data))
    const damaged = Buffer.from(whole)
    damaged[300] = (damaged[300] as number) ^ 1
    for (const [bytes, why] of [
      [whole.subarray(0, 5000), 'it is cut short'],
      [damaged, 'is damaged'],
    ] as const) {
      writeFileSync(snapshotOf(data), bytes)
      const again = await open(data)
      expect(again.warnings).toEqual([expect.stringContaining(why)])
      expect(again.replayed).toBe(140)
      expect(await voice(again)).toBe(said)
      await again.close()
    }
    const other = await open(data, { retrieval: { freshDays: 3 } })
    expect(other.warnings).toEqual([expect.stringContaining('another version or configuration')])
    expect(other.replayed).toBe(140)
    await other.close()

    const segment = join(
      data,
      'journal',
      readdirSync(join(data, 'journal')).find((name) => name.endsWith('.journal')) ?? '',
    )
    truncateSync(segment, readFileSync(segment).length - 10) // a journal that lost its last record
    const shorter = await open(data, { retrieval: { freshDays: 3 } })
    expect(shorter.warnings).toEqual([expect.stringContaining('the journal is not the one it was made from')])
    expect(shorter.replayed).toBe(139)
    await shorter.close()
  })
})

describe('a journal that is damaged before its snapshot', () => {
  it('is told while the platform serves', async () => {
    const data = folder()
    const small = { events: { segmentBytes: 65_536 } }
    const first = await open(data, small)
    await first.ingest.takeItems(items)
    for (let batch = 0; batch < 4; batch++) await first.ingest.takeEvents(clicks(batch * 400, 400))
    const said = await voice(first)
    await first.close()
    const segments = readdirSync(join(data, 'journal')).filter((name) => name.endsWith('.journal'))
    expect(segments.length).toBeGreaterThan(1)
    const sound = await open(data, small)
    await sound.close()
    expect(sound.warnings).toEqual([])
    const path = join(data, 'journal', segments[0] as string)
    const bytes = readFileSync(path)
    bytes[900] = (bytes[900] as number) ^ 1
    writeFileSync(path, bytes)
    const again = await open(data, small)
    expect(again.replayed).toBe(0)
    await vi.waitFor(() => expect(again.warnings).toEqual([expect.stringContaining('the log is damaged')]), 60_000)
    expect(await voice(again)).toBe(said)
    await again.close()
  })
})

describe('a snapshot that is being written', () => {
  it('holds up events and no slates, and holds nothing of what came meanwhile', async () => {
    const data = folder()
    const atOnce = { retrieval: { listRefreshMs: 0 } } // lists made before the events say what was before them
    const opened = await open(data, atOnce)
    await opened.ingest.takeItems(items)
    await opened.ingest.takeEvents(clicks(0, 200))
    const order: string[] = []
    const writing = opened.snapshots.write().then(() => order.push('snapshot'))
    const taking = opened.ingest.takeEvents(clicks(200, 50)).then(({ accepted }) => order.push(`${accepted} events`))
    for (let i = 0; i < 5; i++) await opened.slates.make({ surface: 'home', user: 'u1' })
    order.push('slates')
    await Promise.all([writing, taking])
    expect(order).toContain('50 events')
    expect(order[0]).toBe('slates')
    const image = imageOf(data)
    const said = await voice(opened)
    await opened.close()
    const again = await open(image, atOnce)
    expect(again.replayed).toBe(50)
    expect(await voice(again)).toBe(said)
    await again.close()
  })

  it('comes to nothing when an erasure begins, and none is written before that is done', async () => {
    const data = folder()
    const opened = await open(data)
    await opened.ingest.takeItems(items)
    await opened.ingest.takeEvents(clicks(0, 200))
    await opened.snapshots.write()
    expect(readFileSync(snapshotOf(data)).includes('u3')).toBe(true)
    const writing = opened.snapshots.write()
    const forgotten = opened.snapshots.beginErasure()
    expect(existsSync(snapshotOf(data))).toBe(false)
    await writing
    expect(readdirSync(join(data, 'cache')).filter((name) => name.startsWith('state'))).toEqual([])
    await opened.snapshots.stop()
    expect(existsSync(snapshotOf(data))).toBe(false)
    await opened.log.erase('u3')
    await opened.ingest.forget('u3', [])
    forgotten()
    await opened.close()
    expect(readFileSync(snapshotOf(data)).includes('u3')).toBe(false)
    const again = await open(data)
    expect([again.replayed, again.warnings]).toEqual([0, []])
    expect(again.parts.state.users.ids.find('u3')).toBe(-1)
    await again.close()
  })
})
