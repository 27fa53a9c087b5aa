import { describe, expect, it } from 'vitest'
import { Bulkhead } from './bulkhead.ts'
import { Shed } from './shed.ts'

function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

describe('Bulkhead', () => {
  it('runs so many at once, lets so many wait in order, and refuses the rest', async () => {
    const bulkhead = new Bulkhead('the queue', { runningMax: 2, waitingMax: 2 })
    const gates = [gate(), gate(), gate(), gate()]
    const started: number[] = []
    const runs = gates.map(({ opened }, index) =>
      bulkhead.run(async () => {
        started.push(index)
        await opened
        return index
      }),
    )
    expect([bulkhead.running, bulkhead.waiting, started]).toEqual([2, 2, [0, 1]])
    await expect(bulkhead.run(() => 'late')).rejects.toMatchObject({ code: 'ERR_OVERLOADED' })
    gates[1]?.open()
    await runs[1]
    await Promise.resolve()
    expect(started).toEqual([0, 1, 2])
    for (const { open } of gates) open()
    expect(await Promise.all(runs)).toEqual([0, 1, 2, 3])
    expect([bulkhead.running, bulkhead.waiting]).toEqual([0, 0])
  })

  it('gives the place back when the work throws', async () => {
    const bulkhead = new Bulkhead('the queue', { runningMax: 1, waitingMax: 0 })
    await expect(bulkhead.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await bulkhead.run(() => 'fine')).toBe('fine')
  })

  it('takes those who give up out of the queue', async () => {
    const bulkhead = new Bulkhead('the queue', { runningMax: 1, waitingMax: 1 })
    const { opened, open } = gate()
    const first = bulkhead.run(() => opened)
    const giveUp = new AbortController()
    const second = bulkhead.run(() => 'never', giveUp.signal)
    giveUp.abort(new Error('gone'))
    await expect(second).rejects.toThrow('gone')
    const third = bulkhead.run(() => 'third')
    open()
    await first
    expect(await third).toBe('third')
  })
})

describe('Shed', () => {
  it('refuses above the limit and counts each leaving once', () => {
    const shed = new Shed('the number of running requests', 2)
    const leave = shed.enter()
    shed.enter()
    expect(() => shed.enter()).toThrow('the number of running requests is full')
    leave()
    leave()
    expect(shed.underWay).toBe(1)
    shed.enter()
    expect(() => shed.enter()).toThrow()
  })
})
