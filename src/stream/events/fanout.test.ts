import { describe, expect, it } from 'vitest'
import { Fanout } from './fanout.ts'

describe('telling many listeners', () => {
  it('gives each what came since it listened, in order', async () => {
    const fanout = new Fanout<number>()
    const stop = new AbortController()
    fanout.publish(0)
    const first = fanout.subscribe(stop.signal)
    fanout.publish(1)
    const second = fanout.subscribe(stop.signal)
    const heard: string[] = []
    const listen = async (name: string, values: AsyncIterable<number>) => {
      for await (const value of values) heard.push(`${name}${value}`)
    }
    const both = Promise.all([listen('a', first), listen('b', second)])
    fanout.publish(2)
    await new Promise(setImmediate)
    fanout.publish(3)
    await new Promise(setImmediate)
    stop.abort()
    await both
    expect(heard.filter((value) => value.startsWith('a'))).toEqual(['a1', 'a2', 'a3'])
    expect(heard.filter((value) => value.startsWith('b'))).toEqual(['b2', 'b3'])
    expect(fanout.size).toBe(0)
  })

  it('drops the oldest for a slow listener, and counts', async () => {
    const fanout = new Fanout<number>()
    const listener = fanout.subscribe(new AbortController().signal, 3)
    for (let n = 0; n < 10; n++) fanout.publish(n)
    expect(listener.dropped).toBe(7)
    const heard: number[] = []
    for await (const value of listener) {
      heard.push(value)
      if (heard.length === 3) break
    }
    expect([heard, fanout.size]).toEqual([[7, 8, 9], 0])
  })

  it('ends at once when the signal was aborted before', async () => {
    const fanout = new Fanout<number>()
    const heard: number[] = []
    for await (const value of fanout.subscribe(AbortSignal.abort())) heard.push(value)
    expect([heard, fanout.size]).toEqual([[], 0])
  })
})
