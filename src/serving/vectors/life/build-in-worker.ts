import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { bundleFrom } from '../../../foundation/base/index.ts'
import { IvfIndex } from '../ivf/ivf.ts'
import type { IvfShared } from '../ivf/searcher.ts'
import { type BuildIndex, type BuildJob, type Candidate, makeCandidate } from './candidate.ts'
import type { Measured } from './verdict.ts'

/** Between two pieces of a build on the thread that serves: a quarter of the core for the build, the rest for requests. */
const PAUSE_MS = 12

/** Builds in a thread of low priority; where its file is missing (a build of one's own), in pieces on this one. */
export const buildInBackground: BuildIndex = (job) => {
  const path = bundleFrom(import.meta.url, 'index-builder.js')
  return path === undefined ? makeCandidate(job, () => sleep(PAUSE_MS)) : buildInWorker(path, job)
}

/** The memory that the thread made is taken over, not copied. */
function buildInWorker(path: string, job: BuildJob): Promise<Candidate> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(path, { workerData: job, name: 'index-builder' })
    worker.unref()
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`The thread that builds the index ended with code ${code}`)))
    worker.once('message', ({ shared, measured }: { shared: IvfShared; measured: Measured }) => {
      resolve({ index: IvfIndex.adopt(shared), measured })
    })
  })
}
