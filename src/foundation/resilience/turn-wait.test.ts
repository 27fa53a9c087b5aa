import { describe, expect, it } from 'vitest'
import { manualClock } from '../base/index.ts'
import { TurnWait } from './turn-wait.ts'

/** An event loop whose turns and rests are made by hand. */
function fakeLoop() {
  let idle = 0
  const calls: (() => void)[] = []
  return {
    idle: () => idle,
    turned: (call: () => void) => void calls.push(call),
    rest: (ms: number) => {
      idle += ms
    },
    turn() {
      for (const call of calls.splice(0)) call()
    },
  }
}

describe('TurnWait', () => {
  it('counts what came in one turn as waiting since its beginning', () => {
    const clock = manualClock()
    const loop = fakeLoop()
    const waits = new TurnWait(clock, loop)
    loop.rest(50)
    clock.advance(50)
    expect(waits.arrive()).toBe(0)
    clock.advance(8) // the first one was worked on
    expect(waits.arrive()).toBe(8)
    clock.advance(8)
    expect(waits.arrive()).toBe(16)
  })

  it('adds half of the turn before when the loop did not rest, and nothing when it did', () => {
    const clock = manualClock()
    const loop = fakeLoop()
    const waits = new TurnWait(clock, loop)
    loop.rest(10)
    clock.advance(10)
    waits.arrive()
    clock.advance(30)
    loop.turn()
    expect(waits.arrive()).toBe(15)
    clock.advance(4)
    expect(waits.arrive()).toBe(19)
    loop.turn()
    loop.rest(2)
    clock.advance(2)
    expect(waits.arrive()).toBe(0)
  })

  it('works on the real event loop: callbacks of one turn wait for one another', async () => {
    const { eventLoop } = await import('./turn-wait.ts')
    const clock = { now: () => Date.now(), ticks: () => performance.now() }
    const waits = new TurnWait(clock, eventLoop)
    await new Promise((done) => setTimeout(done, 5))
    const first = waits.arrive()
    const until = performance.now() + 10
    while (performance.now() < until);
    expect(waits.arrive() - first).toBeGreaterThanOrEqual(10)
  })
})
