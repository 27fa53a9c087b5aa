import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOf, DAY, HOUR, MINUTE } from '../../foundation/base/index.ts'
import { Windows, windowNames, windows } from './index.ts'

const START = Date.UTC(2026, 0, 1)

/** Straight from the definition: events whose bucket is one of the window's latest, at a moment. */
function bruteForce(events: readonly number[], at: number): number[] {
  return windowNames.map((name) => {
    const { minutes, cells } = windows[name]
    const bucket = (moment: number) => Math.floor(moment / (minutes * MINUTE))
    return events.filter((moment) => bucket(moment) > bucket(at) - cells && bucket(moment) <= bucket(at)).length
  })
}

function read(counters: Windows, row: number, at: number, channels = 1): number[] {
  const out = new Float64Array(3 * channels)
  counters.read(row, at, out)
  return [...out]
}

describe('Windows', () => {
  it('counts a worked example as time goes by', () => {
    const counters = new Windows()
    for (const minute of [0, 1, 1, 7, 50]) counters.add(3, 0, START + minute * MINUTE)
    expect(read(counters, 3, START + 50 * MINUTE)).toEqual([1, 5, 5])
    expect(read(counters, 3, START + 54 * MINUTE)).toEqual([1, 5, 5])
    expect(read(counters, 3, START + 55 * MINUTE)).toEqual([0, 5, 5])
    expect(read(counters, 3, START + 60 * MINUTE)).toEqual([0, 2, 5])
    expect(read(counters, 3, START + 23 * HOUR + 59 * MINUTE)).toEqual([0, 0, 5])
    expect(read(counters, 3, START + DAY)).toEqual([0, 0, 0])
    expect(read(counters, 4, START)).toEqual([0, 0, 0])
    expect(read(counters, -1, START)).toEqual([0, 0, 0])
  })

  it('equals brute force for events in any order, over several rows and channels', () => {
    const event = fc.record({
      row: fc.nat(4),
      channel: fc.nat(1),
      // Dense around the bounds of the windows, sparse beyond them.
      minute: fc.oneof(fc.nat(12), fc.nat(90), fc.nat(4000)),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), fc.nat(1600), (events, later) => {
        const counters = new Windows(2)
        for (const { row, channel, minute } of events) counters.add(row, channel, START + minute * MINUTE)
        const newest = Math.max(0, ...events.map(({ minute }) => minute))
        const at = START + (newest + later) * MINUTE
        for (let row = 0; row < 5; row++) {
          const expected = [0, 1].flatMap((channel) =>
            bruteForce(
              events.filter((e) => e.row === row && e.channel === channel).map((e) => START + e.minute * MINUTE),
              at,
            ),
          )
          expect(read(counters, row, at, 2)).toEqual(expected)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('counts a late event while its bucket is in the window, and drops it after', () => {
    const counters = new Windows()
    counters.add(0, 0, START + DAY)
    counters.add(0, 0, START + DAY - 10 * MINUTE)
    counters.add(0, 0, START + DAY - 23 * HOUR)
    counters.add(0, 0, START + DAY - 25 * HOUR)
    expect(read(counters, 0, START + DAY)).toEqual([1, 2, 3])
  })

  it('holds counters only for rows of the last day', () => {
    const counters = new Windows()
    for (let row = 0; row < 1000; row++) counters.add(row, 0, START + row)
    expect(counters.active).toBe(1000)
    const held = bytesOf(counters)
    for (let i = 0; i < 10_000; i++) counters.add(5000 + (i % 20), 0, START + 2 * DAY + i)
    expect(counters.active).toBe(20)
    for (let row = 0; row < 900; row++) counters.add(row, 0, START + 2 * DAY)
    expect(bytesOf(counters) - held).toBeLessThan(100_000) // the index of rows grew; the slabs are used again
  })
})
