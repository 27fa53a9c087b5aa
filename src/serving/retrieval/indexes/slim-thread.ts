import { parentPort, workerData } from 'node:worker_threads'
import { lowestPriority } from '../../../foundation/base/index.ts'
import type { Baskets } from './slim-aside.ts'
import { type SlimJob, SlimSolver } from './slim-solver.ts'

lowestPriority()
const solver = new SlimSolver(workerData as SlimJob)
parentPort?.on('message', (told: Baskets | 'solve') => {
  if (told !== 'solve') {
    let from = 0
    for (const end of told.ends) {
      solver.add(told.places.subarray(from, end))
      from = end
    }
    return
  }
  const solving = solver.solve()
  let step = solving.next()
  while (!step.done) step = solving.next()
  const { starts, targets, weights } = step.value
  const buffers = [starts, targets, weights].map(({ buffer }) => buffer as ArrayBuffer)
  parentPort?.postMessage(step.value, buffers)
  parentPort?.close()
})
