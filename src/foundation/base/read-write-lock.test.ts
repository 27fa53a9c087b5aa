import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { lockCells, ReadSide, WriteSide } from './index.ts'

const never = (reader: number) => expect.unreachable(`reader ${reader} was called late`)

describe('the lock of readers and a writer', () => {
  it('lets the writer in when the last reader is out, without blocking its thread', async () => {
    const cells = lockCells(2)
    const [one, two] = [new ReadSide(cells, 0), new ReadSide(cells, 1)]
    const writer = new WriteSide(cells)
    one.enter()
    two.enter()
    let taken = false
    const taking = writer.take(5000, never).then(() => {
      taken = true
    })
    two.leave()
    await sleep(20)
    expect([taken, one.isIn, two.isIn]).toEqual([false, true, false])
    one.leave()
    await taking
    writer.give()
    two.enter() // would sleep for ever if the writer were still in
    expect(two.isIn).toBe(true)
  })

  it('says who is late, again and again, and goes on when that reader is taken out', async () => {
    const cells = lockCells(2)
    new ReadSide(cells, 1).enter()
    const writer = new WriteSide(cells)
    const late: number[] = []
    await writer.take(5, (reader) => {
      late.push(reader)
      if (late.length === 3) writer.expel(reader)
    })
    expect(late).toEqual([1, 1, 1])
  })

  it('keeps a reader of another thread asleep until the writer is done, and tells it of other arrays', async () => {
    const cells = lockCells(1)
    const writer = new WriteSide(cells)
    await writer.take(1000, never)
    // What `enter` does, in a thread that has no TypeScript: wait for the writer's cell.
    const waits = `const { workerData: cells, parentPort } = require('node:worker_threads')
      parentPort.postMessage('waits')
      Atomics.wait(cells, 0, 1, 20000)
      parentPort.postMessage(Atomics.load(cells, 1))`
    const worker = new Worker(waits, { eval: true, workerData: cells })
    const messages: unknown[] = []
    const over = new Promise((resolve) => worker.once('exit', resolve))
    worker.on('message', (message) => messages.push(message))
    while (messages.length === 0) await sleep(5)
    await sleep(30)
    expect(messages).toEqual(['waits'])
    writer.renew()
    writer.give()
    await over
    expect(messages).toEqual(['waits', 1])
    expect(new ReadSide(cells, 0).generation).toBe(1)
  })
})
