import { describe, expect, it } from 'vitest'
import { Random } from '../../../foundation/base/index.ts'
import { buildIvf } from '../ivf/build.ts'
import { recallOf, truthOf } from '../ivf/recall.ts'
import { makeCandidate } from './candidate.ts'

const DIM = 16
const ITEMS = 6000
const TOPICS = 8
const WANTED = 0.9

/** Items about few topics, and queries that point anywhere: made queries, which mix items, are easier than these. */
function scene() {
  const random = new Random('candidate')
  const topics = Float32Array.from({ length: TOPICS * DIM }, () => random.normal())
  const vectors = Float32Array.from(
    { length: ITEMS * DIM },
    (_, i) => topics[((Math.floor(i / DIM) * 7) % TOPICS) * DIM + (i % DIM)] + 0.6 * random.normal(),
  )
  const queries = Float32Array.from({ length: 32 * DIM }, () => random.normal())
  return { rows: Uint32Array.from({ length: ITEMS }, (_, row) => row), vectors, queries }
}

describe('makeCandidate', () => {
  it('reads more cells where the queries that judge find too little in those chosen by others', async () => {
    const { rows, vectors, queries } = scene()
    const tuned = await buildIvf({ dim: DIM, rows, vectors }, { recall: WANTED })
    const truth = await truthOf(rows, vectors, queries, DIM, ITEMS / 10)
    expect(recallOf(tuned, queries, truth)).toBeLessThan(WANTED)

    const job = { dim: DIM, rows, vectors, queries, recall: WANTED, before: undefined, save: undefined }
    const { index, measured } = await makeCandidate(job)
    expect(index.probes).toBeGreaterThan(tuned.probes)
    expect(measured.recall).toBeGreaterThanOrEqual(WANTED)
    expect(measured.recall).toBe(recallOf(index, queries, truth))
  })
})
