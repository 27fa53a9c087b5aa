import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { type BuildJob, makeCandidate } from './candidate.ts'

/** The lowest: what serves comes first. On Linux a thread has a priority of its own; elsewhere all would get this one. */
const NICE = 19

if (process.platform === 'linux') setPriority(NICE)
const { index, measured } = await makeCandidate(workerData as BuildJob)
parentPort?.postMessage({ shared: index.shared, measured })
