import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { plainVectors } from '../vector-index.suite.ts'
import { buildInBackground } from './build-in-worker.ts'
import { makeCandidate } from './candidate.ts'

const options = { queries: undefined, recall: 0.95, before: undefined, save: undefined }
const job = { dim: 16, ...plainVectors('worker', 2000, 16), ...options }

it('builds aside what it would build here, and the thread that serves goes on meanwhile', async () => {
  if (!existsSync('dist/index-builder.js'))
    console.log('without dist/ (npm run build) it is built in pieces on this thread')
  let turns = 0
  const ticking = setInterval(() => turns++, 1)
  const { index, measured } = await buildInBackground(job)
  clearInterval(ticking)
  expect(turns).toBeGreaterThan(3)
  const here = await makeCandidate(job)
  expect(measured).toEqual(here.measured)
  const query = job.vectors.slice(0, 16)
  expect(index.search(query, 300)).toEqual(here.index.search(query, 300))
  index.upsert(
    99_999,
    query.map((x) => x * 9),
  )
  expect(index.search(query, 1).rows[0]).toBe(99_999)
  expect(index.remove(99_999)).toBe(true)
})

it('fails as the thread does', async () => {
  const vectors = job.vectors.slice().fill(Number.NaN)
  await expect(buildInBackground({ ...job, vectors })).rejects.toThrow(/no finite number/)
})
