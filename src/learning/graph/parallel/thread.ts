/** A thread that computes one part of every step: reads and writes memory that it shares with who started it. */
import { parentPort, workerData } from 'node:worker_threads'
import { Session } from '../session.ts'
import type { Values } from '../tensor.ts'
import { type ThreadAnswer, type ThreadJob, type ThreadOrder, viewOf } from './job.ts'

const { model, options, layout, parameters, inputs, outputs } = workerData as ThreadJob
const port = parentPort
if (port === null) throw new TypeError('Cannot run thread.ts by itself: it is started by ParallelStep')

const answer = (said: ThreadAnswer): void => port.postMessage(said)
const session = await Session.open(model, { ...options, outputs: outputs.map(({ name }) => name) })
/** The runtime refuses shared memory: everything is copied once on its way in. */
const copies = inputs.map((input) => ({ input, values: viewOf(input).slice() }))
const flat = new Float32Array(layout.size)
const shared = new Float32Array(parameters)
session.bindParameters(layout, flat)

async function run(): Promise<void> {
  flat.set(shared)
  const feeds: Record<string, Values> = {}
  for (const { input, values } of copies) {
    values.set(viewOf(input))
    feeds[input.name] = values
  }
  const results = await session.run(feeds)
  for (const output of outputs) viewOf(output).set(results[output.name] as Float32Array)
}

port.on('message', (order: ThreadOrder) => {
  if (order === 'end') void session.close().then(() => port.close())
  else {
    run().then(
      () => answer({ kind: 'done' }),
      (error: unknown) => answer({ kind: 'failed', why: error instanceof Error ? error.message : String(error) }),
    )
  }
})
answer({ kind: 'done' }) // ready
