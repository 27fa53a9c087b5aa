import { describe, expect, it } from 'vitest'
import { manualClock } from '../../foundation/base/index.ts'
import { completeConfig } from '../../domain/index.ts'
import { Admission } from './admission.ts'

const { quality } = completeConfig().ladder
const trade = { primary: 0.005, guardrail: 0.05 }

function admission() {
  const clock = manualClock()
  return { clock, door: new Admission(clock, { targetMs: 20, intervalMs: 100, quality, trade }) }
}

describe('Admission', () => {
  it('lets a burst pass: waits above the target that do not last', () => {
    const { clock, door } = admission()
    for (let i = 0; i < 9; i++) {
      expect(door.whole(30, 70, 'cached')).toBe(true)
      clock.advance(10)
    }
    expect(door.whole(5, 95, 'cached')).toBe(true)
    expect(door.standing).toBe(false)
  })

  it('works off a standing queue: those above the target get the cheap slate, those below it the whole one', () => {
    const { clock, door } = admission()
    for (let i = 0; i < 11; i++) {
      door.whole(30, 70, 'cached')
      clock.advance(10)
    }
    expect(door.whole(30, 70, 'cached')).toBe(false)
    expect(door.whole(15, 85, 'cached')).toBe(true)
    expect(door.whole(25, 75, 'cached')).toBe(false)
  })

  it('goes back only after a calm interval (hysteresis)', () => {
    const { clock, door } = admission()
    for (let i = 0; i < 12; i++, clock.advance(10)) door.whole(30, 70, 'cached')
    expect(door.standing).toBe(true)
    for (let i = 0; i < 9; i++, clock.advance(10)) door.whole(5, 95, 'cached')
    door.whole(15, 85, 'cached') // above half the target: the calm starts anew
    for (let i = 0; i < 9; i++, clock.advance(10)) door.whole(5, 95, 'cached')
    expect(door.standing).toBe(true)
    for (let i = 0; i < 3; i++, clock.advance(10)) door.whole(5, 95, 'cached')
    expect(door.standing).toBe(false)
  })

  it('gives the cheap slate to a request that has too little time left for a whole one, and learns that it may again', () => {
    const { clock, door } = admission()
    for (let i = 0; i < 50; i++) door.took(40)
    expect(door.whole(10, 90, 'cached')).toBe(true)
    expect(door.whole(10, 30, 'cached')).toBe(false)
    clock.advance(5_001) // what is that old says nothing about now
    expect(door.whole(10, 30, 'cached')).toBe(true)
  })
})
