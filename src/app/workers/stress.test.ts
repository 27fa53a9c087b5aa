import { buildSync } from 'esbuild'
import { fileURLToPath } from 'node:url'
import { MessageChannel, Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { lockCells, SharedArrays, WriteSide } from '../../foundation/base/index.ts'
import { SharedAccess } from './access.ts'
import { Ground, type StressOrder } from './testing/stress-ground.ts'

const READERS = 2
const FOR_MS = 1500
/** Changes made in one job. */
const JOB = 200

interface Seen {
  readonly looks: number
  /** Pieces of work beside the state, and those during which the state was held all the same. */
  readonly asides: number
  readonly held: number
  /** Times it had to wait for a change; those that are remembered. */
  readonly waited: number
  readonly faults: readonly string[]
}

function program(): string {
  const built = buildSync({
    entryPoints: [fileURLToPath(new URL('./testing/stress-ground.ts', import.meta.url))],
    ...{ bundle: true, write: false, format: 'cjs', platform: 'node', target: 'node20' },
  })
  return built.outputFiles[0]?.text ?? ''
}

it('shows no reader half of a change, while lists move and tables grow', async () => {
  const ground = new Ground()
  for (let n = 0; n < 100; n++) ground.step(n)
  const cells = lockCells(READERS)
  const side = new WriteSide(cells)
  const arrays = new SharedArrays(ground)
  const code = program()
  const ports = Array.from({ length: READERS }, () => new MessageChannel())
  const readers = ports.map(({ port2 }, reader) => {
    const workerData: StressOrder = { cells, reader, handover: arrays.all, states: port2, forMs: FOR_MS }
    return new Worker(code, { eval: true, workerData, transferList: [port2] })
  })
  const seen = readers.map(
    (worker) =>
      new Promise<Seen>((resolve, reject) => {
        worker.once('message', resolve)
        worker.once('error', reject)
      }),
  )
  let renewals = 0
  const waits: number[] = []
  const holds: number[] = []
  const access = new SharedAccess({
    side,
    renew() {
      const news = arrays.changes()
      if (!news) return
      renewals++
      for (const { port1 } of ports) port1.postMessage({ ...news, generation: side.generation + 1 })
      side.renew()
    },
    told: { waited: (ms) => waits.push(ms), held: (ms) => holds.push(ms) },
    stuck: (reader) => expect.unreachable(`reader ${reader} does not come out`),
  })
  let done = false
  let steps = 100
  const all = Promise.all(seen).finally(() => {
    done = true
  })
  while (!done) {
    await access.change(
      (function* () {
        for (let i = 0; i < JOB; i++) yield ground.step(steps++)
      })(),
    )
  }
  for (const { looks, faults, asides, held, waited } of await all) {
    expect(waited).toBeGreaterThan(0)
    expect(faults).toEqual([])
    expect(held).toBe(0)
    expect(asides).toBeGreaterThan(10)
    expect(looks).toBeGreaterThan(100)
  }
  expect(steps).toBeGreaterThan(1000)
  expect(renewals).toBeGreaterThan(5)
  expect(waits).toHaveLength((steps - 100) / JOB) // one for each change, however many lots it took
  expect(holds.length).toBeGreaterThanOrEqual(waits.length)
  for (const { port1 } of ports) port1.close()
  await Promise.all(readers.map((worker) => worker.terminate()))
})
