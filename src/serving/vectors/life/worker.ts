import { parentPort, workerData } from 'node:worker_threads'
import { lowestPriority } from '../../../foundation/base/index.ts'
import { type BuildJob, makeCandidate } from './candidate.ts'

lowestPriority()
const { index, measured } = await makeCandidate(workerData as BuildJob)
parentPort?.postMessage({ shared: index.shared, measured })
