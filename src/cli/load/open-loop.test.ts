import { describe, expect, it } from 'vitest'
import { type Clock, manualClock } from '../../foundation/base/index.ts'
import { openLoop } from './open-loop.ts'

/** A clock on which each look costs a little, so that waiting for a due time ends without real time. */
function steppingClock(stepMs: number): Clock {
  const clock = manualClock()
  return {
    now: () => clock.now(),
    ticks: () => {
      clock.advance(stepMs)
      return clock.ticks()
    },
  }
}

const options = (clock: Clock, over: object = {}) => ({
  clock,
  inFlightMax: 100,
  waitingMax: 100,
  signal: new AbortController().signal,
  onArrival: () => undefined,
  onDropped: () => undefined,
  ...over,
})

describe('openLoop', () => {
  it('sends at the due times although no answer comes', async () => {
    const dues: number[] = []
    const answers: (() => void)[] = []
    const loop = openLoop(
      [10, 20, 30, 40],
      (due) => {
        dues.push(due)
        if (dues.length === 4) for (const answer of answers) setTimeout(answer)
        return dues.length === 4 ? Promise.resolve() : new Promise((answer) => answers.push(answer))
      },
      options(steppingClock(0.5)),
    )
    await loop
    expect(dues.map((due) => due - dues[0])).toEqual([0, 10, 20, 30])
  })

  it('counts the wait for a place from the due time: a stall is paid by all that came meanwhile', async () => {
    // One place; the first answer takes until tick 1000; nine more are due in that time.
    const clock = manualClock()
    const latencies: number[] = []
    let first = true
    let release: () => void = () => undefined
    const stalled = new Promise<void>((done) => {
      release = done
    })
    const arrivals = (function* () {
      for (let due = 0; due < 1000; due += 100) {
        if (due > clock.ticks()) clock.set(due)
        yield due
      }
      clock.set(1000)
      release()
    })()
    await openLoop(
      arrivals,
      async (due) => {
        if (first) {
          first = false
          await stalled
        }
        latencies.push(clock.ticks() - due)
      },
      options(clock, { inFlightMax: 1 }),
    )
    // A closed loop would have seen one slow answer and nine instant ones.
    expect(latencies).toEqual([1000, 900, 800, 700, 600, 500, 400, 300, 200, 100])
  })

  it('holds the bounds and tells what was dropped', async () => {
    let inFlight = 0
    let most = 0
    const dropped: number[] = []
    const clock = manualClock()
    let sent = 0
    await openLoop(
      Array.from({ length: 50 }, () => 0),
      async () => {
        sent++
        most = Math.max(most, ++inFlight)
        await new Promise((done) => setImmediate(done))
        inFlight--
      },
      options(clock, { inFlightMax: 4, waitingMax: 10, onDropped: (due: number) => dropped.push(due) }),
    )
    expect(most).toBe(4)
    expect(sent).toBe(14)
    expect(dropped).toHaveLength(36)
  })

  it('stops when it is told to, and waits for what is under way', async () => {
    const stop = new AbortController()
    let done = 0
    await openLoop(
      (function* () {
        for (let i = 0; ; i++) {
          if (i === 3) stop.abort()
          yield 0
        }
      })(),
      async () => {
        await new Promise((next) => setImmediate(next))
        done++
      },
      options(manualClock(), { signal: stop.signal }),
    )
    expect(done).toBe(3)
  })

  it('fails when sending fails', async () => {
    const send = async () => Promise.reject(new Error('no'))
    await expect(openLoop([0, 0, 0], send, options(manualClock()))).rejects.toThrow('no')
  })
})
