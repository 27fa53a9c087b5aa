import { describe, expect, it } from 'vitest'
import { manualClock, systemClock } from '../../foundation/base/index.ts'
import { Guard } from './guard.ts'
import { Outlook } from './outlook.ts'

const later = <T>(ms: number, value: T) => new Promise<T>((done) => setTimeout(() => done(value), ms))

describe('Guard', () => {
  it('gives what comes in time, and says of the rest what happened to it', async () => {
    const guard = new Guard(systemClock)
    expect(await guard.call(() => 7, 1000)).toEqual({ status: 'ok', value: 7 })
    expect(await guard.call(() => later(1, 8), 1000)).toEqual({ status: 'ok', value: 8 })
    expect(await guard.call(() => later(200, 9), 5)).toEqual({ status: 'late', note: 'no answer in time' })
    expect(await guard.call(() => Promise.reject(new Error('gone')), 1000)).toEqual({ status: 'failed', note: 'gone' })
    expect(await guard.call(() => 7, 0)).toEqual({ status: 'skipped', note: 'the time was spent' })
  })

  it('uses an answer that overran its time but is there, and calls it late', async () => {
    const clock = manualClock()
    const guard = new Guard(clock)
    const slow = () => {
      clock.advance(30)
      return 'there'
    }
    expect(await guard.call(slow, 20)).toEqual({ status: 'late', value: 'there' })
  })

  it('opens on failures, and is back within its longest wait, however long the failure lasted', async () => {
    const clock = manualClock()
    const guard = new Guard(clock)
    let down = true
    const work = () => {
      if (down) throw new Error('down')
      return 1
    }
    for (let i = 0; i < 200; i++, clock.advance(100)) await guard.call(work, 10)
    expect(guard.state).toBe('open')
    down = false
    clock.advance(4_000)
    for (let i = 0; i < 3; i++) expect((await guard.call(work, 10)).status).toBe('ok')
    expect(guard.state).toBe('closed')
  })
})

describe('Outlook', () => {
  it('is the share of the latest calls, by hand; old ones and those before the last 64 do not count', () => {
    const outlook = new Outlook()
    for (let i = 0; i < 15; i++) outlook.note(50, false, 0)
    expect(outlook.within(1, 0)).toEqual({ ended: 1, succeeded: 1 }) // too few to judge by
    outlook.note(50, false, 0)
    expect(outlook.within(1, 0)).toEqual({ ended: 0, succeeded: 0 })
    for (let i = 0; i < 64; i++) outlook.note(i < 16 ? 50 : 5, i % 2 === 0, 1_000)
    expect(outlook.within(10, 1_000)).toEqual({ ended: 0.75, succeeded: 24 / 64 })
    for (let i = 0; i < 16; i++) outlook.note(5, true, 2_000) // take the place of the slow ones
    expect(outlook.within(10, 2_000)).toEqual({ ended: 1, succeeded: 40 / 64 })
    expect(outlook.within(4, 6_500)).toEqual({ ended: 0, succeeded: 0 }) // only the last sixteen are fresh
  })
})
