import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, HOUR, manualClock, MINUTE } from '../../foundation/base/index.ts'
import { createMetrics } from '../../foundation/telemetry/index.ts'
import { completeConfig } from '../../domain/index.ts'
import { createEngine } from '../create-engine.ts'
import type { Change } from './change.ts'
import { CHANGES_MAX, ChangeLog } from './change-log.ts'
import { Observer } from './observer.ts'
import { optionsDiff } from './options-diff.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-observe-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the change log', () => {
  const change = (at: number): Change => ({ at, kind: 'model', subject: 'sequence', say: `change ${at}` })

  it('outlives a restart, and a line that was cut short', () => {
    const path = join(folder, 'changes.jsonl')
    const log = new ChangeLog(path)
    log.add(change(1))
    log.add(change(2))
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.slice(0, -9))
    expect(new ChangeLog(path).all).toEqual([change(1)])
  })

  it('stays bounded, and keeps the latest', () => {
    const path = join(folder, 'changes.jsonl')
    const log = new ChangeLog(path)
    for (let at = 0; at <= 2 * CHANGES_MAX; at++) log.add(change(at))
    expect(log.all).toHaveLength(CHANGES_MAX)
    expect(new ChangeLog(path).all).toEqual(log.all)
    expect(log.all.at(-1)?.at).toBe(2 * CHANGES_MAX)
  })
})

it('counts changes from 0 on, each kind: the first of a series that begins at 1 is no growth to whoever watches', async () => {
  const metrics = createMetrics({ process: false })
  createEngine({ data: folder, config: completeConfig(), metrics })
  const text = await metrics.text()
  for (const kind of ['start', 'model', 'index', 'fault'])
    expect(text).toContain(`sluice_changes_total{kind="${kind}"} 0`)
})

describe('options', () => {
  it('are compared by path, lists as one value', () => {
    const from = { home: { rank: 200, slots: [1, 2], needs: 'nothing' }, server: { log: 'warn' } }
    const to = { home: { rank: 120, slots: [1, 3], needs: 'nothing' }, extra: true }
    expect(optionsDiff(from, to)).toEqual([
      { option: 'home.rank', from: '200', to: '120' },
      { option: 'home.slots', from: '[1,2]', to: '[1,3]' },
      { option: 'server.log', from: '"warn"', to: 'unset' },
      { option: 'extra', from: 'unset', to: 'true' },
    ])
  })
})

describe('the observer', () => {
  const options = { surfaces: { home: { rank: 200 } } }

  function observer(
    changes: {
      version?: () => string | undefined
      faults?: () => string | undefined
      metrics?: ReturnType<typeof createMetrics>
      serves?: boolean
      clock?: Clock
    } = {},
  ) {
    const manual = manualClock(1_000_000)
    const { clock = manual } = changes
    const made = new Observer({
      folder,
      cache: join(folder, 'cache'),
      serves: changes.serves ?? true,
      clock,
      metrics: changes.metrics,
      watch: undefined,
      log: undefined,
      pending: () => 7,
      trained: () => undefined,
      versions: () => ({
        sequence: { kind: 'model', version: changes.version?.() },
        faults: { kind: 'fault', version: changes.faults?.() },
      }),
    })
    return { made, clock: manual }
  }
  const told = (made: Observer) => made.report().changes.map(({ kind, subject, say }) => `${kind} ${subject}: ${say}`)

  it('tells a first start, a start after a stop, and one after a crash', async () => {
    const first = observer().made
    await first.start('1.0.0', 'a', options)
    await first.stop()
    const second = observer().made
    await second.start('1.0.0', 'a', options) // killed: never stopped
    const third = observer().made
    await third.start('1.1.0', 'a', options)
    expect(told(third)).toEqual([
      'start server: the server started for the first time',
      'stop server: the server was stopped',
      'start server: the server started after a stop',
      'start server: the server started after a crash or kill',
      'version sluice: the program is 1.1.0, it was 1.0.0',
    ])
    await second.stop()
    await third.stop()
  })

  it('notes nothing of who only looks in: the next start is still one after a crash, with the options of the last', async () => {
    const killed = observer().made
    await killed.start('1.0.0', 'a', options) // killed: never stopped
    const reader = observer({ serves: false }).made
    await reader.start('1.1.0', 'b', { surfaces: { home: { rank: 1 } } })
    await reader.stop()
    const next = observer().made
    await next.start('1.0.0', 'a', options)
    expect(told(next)).toEqual([
      'start server: the server started for the first time',
      'start server: the server started after a crash or kill',
    ])
    await killed.stop()
    await next.stop()
  })

  it('names the options that differ from the last start', async () => {
    const first = observer().made
    await first.start('1.0.0', 'a', options)
    await first.stop()
    const second = observer().made
    await second.start('1.0.0', 'b', { surfaces: { home: { rank: 120 } } })
    expect(second.report().changes.at(-1)).toMatchObject({
      kind: 'configuration',
      subject: 'surfaces.home.rank',
      from: '200',
      to: '120',
    })
    await second.stop()
  })

  it('does not tell the options that another program has in addition', async () => {
    const first = observer().made
    await first.start('1.0.0', 'a', options)
    await first.stop()
    const second = observer().made
    await second.start('1.1.0', 'b', { surfaces: { home: { rank: 120 } }, another: { option: 1 } })
    expect(told(second).filter((line) => line.startsWith('configuration'))).toEqual([
      'configuration surfaces.home.rank: surfaces.home.rank is 120, it was 200',
    ])
    await second.stop()
    const third = observer().made
    await third.start('1.1.0', 'c', { surfaces: { home: { rank: 120, more: 2 } }, another: { option: 1 } })
    expect(told(third).at(-1)).toBe('configuration surfaces.home.more: surfaces.home.more is 2, it was unset')
    await third.stop()
  })

  it('counts the options beyond those it names', async () => {
    const beyond = async (count: number) => {
      const first = observer().made
      await first.start('1.0.0', `from ${count}`, {})
      await first.stop()
      const second = observer().made
      const many = Object.fromEntries(Array.from({ length: count }, (_, i) => [`option${i}`, i]))
      await second.start('1.0.0', `to ${count}`, many)
      await second.stop()
      return second.report().changes.find(({ subject, to }) => subject === 'others' && to === `to ${count}`)?.say
    }
    expect(await beyond(21)).toBe('1 further option differs from before')
    expect(await beyond(22)).toBe('2 further options differ from before')
  })

  it('notes the swap of a model and keeps a row per minute', async () => {
    let version: string | undefined = '000001'
    const metrics = createMetrics({ process: false })
    const { made, clock } = observer({ version: () => version, metrics })
    await made.start('1.0.0', 'a', options)
    expect(made.models()).toEqual({ sequence: '000001' })
    version = '000002'
    clock.advance(30_000)
    await made.step()
    expect(made.report().changes.at(-1)).toMatchObject({ kind: 'model', from: '000001', to: '000002', at: 1_030_000 })
    metrics.slate('home', 0.01, 'full')
    clock.advance(30_000)
    await made.step()
    await made.step()
    expect(made.report().minutes).toHaveLength(1)
    expect(made.report().minutes[0]).toMatchObject({ at: 1_060_000, slates: 1, pending: 7 })
    const text = await metrics.text()
    expect(text).toContain('sluice_model_version{model="sequence"} 2')
    expect(text).toContain('sluice_changes_total{kind="model"} 1')
    await made.stop()
  })

  it('notes what changed while nothing ran, and waits for what is made ready first', async () => {
    let version: string | undefined = '000001'
    let faults: string | undefined
    const run = async (...looks: (string | undefined)[]) => {
      const { made } = observer({ version: () => version, faults: () => faults })
      version = looks[0]
      await made.start('1.0.0', 'a', options)
      for (const look of looks) {
        version = look
        await made.step()
      }
      const notes = told(made)
        .slice(-10)
        .filter((line) => line.startsWith('model') || line.startsWith('fault'))
      await made.stop()
      return notes
    }
    expect(await run('000001', '000002')).toEqual(['model sequence: model sequence is 000002, it was 000001'])
    expect(await run(undefined, undefined, '000002')).toHaveLength(1) // it encodes its items first
    faults = 'ranker-down'
    expect(await run('000001')).toEqual([
      'model sequence: model sequence is 000002, it was 000001',
      'model sequence: model sequence is 000001, it was 000002', // rolled back meanwhile
      'fault faults: injected on purpose: ranker-down',
    ])
    faults = undefined // ended with the process
    expect((await run('000001')).at(-1)).toBe('fault faults: injected on purpose: nothing any more')
    expect((await run('000001', undefined)).at(-1)).toBe('model sequence: model sequence is not in use, it was 000001')
  })

  it('notes faults that are injected, from the start on, and their end', async () => {
    let version: string | undefined = 'ranker-down'
    const { made } = observer({ faults: () => version })
    await made.start('1.0.0', 'a', options)
    await made.step()
    version = undefined
    await made.step()
    expect(told(made).slice(1)).toEqual([
      'fault faults: injected on purpose: ranker-down',
      'fault faults: injected on purpose: nothing any more',
    ])
    expect(made.models()).toEqual({})
    await made.stop()
  })

  it('serves on when its files cannot be written', async () => {
    const { made } = observer()
    rmSync(folder, { recursive: true })
    await made.start('1.0.0', 'a', options)
    expect(told(made)).toHaveLength(1)
    await made.stop()
  })

  it('tells the part of the day that is asked for, in few digits, and goes on when the clock is set back', async () => {
    const metrics = createMetrics({ process: false })
    let at = 100 * HOUR
    let ticks = 0
    const clock = { now: () => at, ticks: () => ticks }
    const made = observer({ metrics, clock }).made
    await made.start('1.0.0', 'a', options)
    const minute = async () => {
      for (const [surface, slates] of Object.entries({ home: 2, next: 1 }))
        for (let i = 0; i < slates; i++) metrics.slate(surface, 0.0123, 'full')
      metrics.slate('home', 0.0123, 'cached')
      metrics.slate('home', 0.0123, 'cached')
      metrics.slate('home', 0.0123, 'cached')
      metrics.slate('home', 0.0123, 'cached')
      at += MINUTE
      ticks += MINUTE
      await made.step()
    }
    for (let i = 0; i < 10; i++) await minute()
    expect(made.report().minutes).toHaveLength(10)
    expect(made.report().minutes[0]?.rungs).toEqual({ full: 0.4286, cached: 0.5714 })
    const part = made.report({ minutes: 3, before: at })
    expect(part.minutes.map((one) => (at - one.at) / MINUTE)).toEqual([3, 2, 1])
    expect(part).toMatchObject({ from: at - 3 * MINUTE, changes: [] })
    expect(made.report({ minutes: 30, before: part.from }).changes).toHaveLength(1)
    at -= HOUR
    await minute()
    expect(made.report().minutes).toHaveLength(11)
    expect(made.report().minutes.at(-1)).toMatchObject({ at, seconds: 60 })
    await made.stop()
  })
})
